import type { PipelineRun } from '../api/schemas.ts';
import type { OrchestraApi, Place, RunFilter } from '../client/orchestra-api.ts';
import { longestWindowMs } from '../client/windows.ts';
import { OrchestraError } from '../errors.ts';
import type { ShownGap } from '../present/gap.ts';
import { type ShownRun, showRun } from '../present/run.ts';

/** Where an answer ended: the page of the API that it stopped on, and the beginnings of the ids that were given of it. */
export interface Position extends Place {
  readonly given: readonly string[];
}

export interface Collected {
  readonly items: readonly ShownRun[];
  /** Where to go on; undefined at the end of the list. */
  readonly next?: Position;
  /** There is more than was asked for, and it was left out for its size or for want of time. */
  readonly truncated: boolean;
  /** How many there are, where they lie in one window. */
  readonly total: number | null;
  readonly gaps: readonly ShownGap[];
}

/** What one answer may hold, in bytes of JSON: clients cut or refuse more than about 25,000 tokens. */
const maxBytes = 90_000;
const pageSize = 100;
/** A run begins an older window again that ended a newer one: the last ones given are known there. */
const overlapping = 5;

const short = (id: string) => id.slice(0, 8);
const first: Place = { window: 0, page: 1 };

/** Up to `limit` runs from a position on, over as many of the API's pages as that takes. */
export async function collectRuns(
  api: OrchestraApi,
  filter: RunFilter,
  { limit, from }: { readonly limit: number; readonly from: Position },
): Promise<Collected> {
  const items: ShownRun[] = [];
  const gaps = new Map<string, ShownGap>();
  let bytes = 0;
  const { from: begin, to: end } = api.rangeOf(filter);
  const oneWindow = end - begin <= longestWindowMs;
  let total: number | null = null;
  // Where an answer would go on that ends here.
  let position: Position = from;
  const answer = (next: Position | undefined, truncated: boolean): Collected => ({
    items,
    ...(next && { next }),
    truncated,
    total,
    gaps: [...gaps.values()],
  });
  try {
    for await (const page of api.runs(filter, from)) {
      const given = new Set(samePlace(page.at, from) || isNext(from, page.at) ? from.given : []);
      if (page.unreadable > 0) gaps.set('unreadable', { what: 'runs', why: 'Some have no usable id.' });
      if (oneWindow) total = page.total;
      const taken: PipelineRun[] = [];
      for (const run of page.items.filter(({ id }) => !given.has(short(id)))) {
        const shown = showRun(run, api.site);
        const size = Buffer.byteLength(JSON.stringify(shown));
        const full = items.length === limit;
        if (full || (items.length > 0 && bytes + size > maxBytes)) {
          return answer({ ...page.at, given: [...given, ...taken.map(({ id }) => short(id))] }, !full);
        }
        items.push(shown);
        taken.push(run);
        bytes += size;
      }
      position = after(page.at, [...given, ...taken.map(({ id }) => short(id))]);
      if (!page.more) return answer(undefined, false);
      if (items.length === limit) return answer(position, false);
    }
    return answer(undefined, false);
  } catch (error) {
    if (items.length === 0 || !(error instanceof OrchestraError) || !error.again) throw error;
    gaps.set(error.code, { what: 'runs', code: error.code, why: error.message });
    return answer(position, true);
  }
}

/** The position of the item that so many come before. Pages that are left out are not read, as far as the API counts them. */
export async function positionAt(api: OrchestraApi, filter: RunFilter, offset: number): Promise<Position | undefined> {
  if (offset === 0) return { ...first, given: [] };
  let left = offset;
  let place: Place = { window: 0, page: Math.floor(left / pageSize) + 1 };
  for (;;) {
    const { value: page } = await api.runs(filter, place).next();
    if (page === undefined) return undefined;
    const before = (page.at.page - 1) * pageSize;
    const here = page.items.length + page.unreadable;
    if (left < before + here) {
      const skipped = page.items.slice(0, Math.max(0, left - before)).map(({ id }: PipelineRun) => short(id));
      return { ...page.at, given: skipped };
    }
    if (!page.more) return undefined;
    // Where the API does not count, an empty page is the end of a window.
    const total: number | undefined = page.total ?? (here === 0 ? before : undefined);
    if (total !== undefined && left >= total) {
      left -= total;
      place = { window: page.at.window + 1, page: Math.floor(left / pageSize) + 1 };
    } else {
      place = { window: page.at.window, page: page.at.page + 1 };
    }
  }
}

const samePlace = (a: Place, b: Place) => a.window === b.window && a.page === b.page;
/** The first page of the window after one that an answer ended. */
const isNext = (from: Position, at: Place) => at.window === from.window + 1 && at.page === 1;

function after(at: Place, given: readonly string[]): Position {
  return { window: at.window, page: at.page + 1, given: given.slice(-overlapping) };
}
