import { z } from 'zod';
import { unusable } from '../errors.ts';

/** Some of the items of a list, each of them once. */
export interface Page<T> {
  readonly items: readonly T[];
  /** How many there are, as the other side counts. */
  readonly total: number | null;
  /** Items without a usable id, which are left out. */
  readonly unreadable: number;
  /** There is more that is not read: the cap of pages was reached. */
  readonly capped: boolean;
}

/** One page as it was answered. */
export interface RawPage<T> {
  readonly items: readonly T[];
  readonly total: number | null;
  readonly unreadable: number;
}

const envelope = z.object({
  total: z.number().nonnegative().nullable().catch(null).default(null),
  results: z.array(z.unknown()),
});

/** Reads the envelope of a page and what can be read of its items. */
export function readPage<T>(item: z.ZodType<T>, body: unknown, endpoint: string): RawPage<T> {
  const read = envelope.safeParse(body);
  if (!read.success) throw unusable('it is no page of a list', endpoint);
  const items = read.data.results.flatMap((one) => {
    const known = item.safeParse(one);
    return known.success ? [known.data] : [];
  });
  return { items, total: read.data.total, unreadable: read.data.results.length - items.length };
}

/**
 * Page by page until the list ends. A list that changes meanwhile moves items between pages, so each is known by its id and
 * answered once; `known` may span several lists.
 */
export async function* pagesOf<T extends { readonly id: string }>(
  ask: (page: number) => Promise<RawPage<T>>,
  {
    maxPages,
    known = new Set<string>(),
    first = 1,
    size = 0,
  }: {
    readonly maxPages: number;
    readonly known?: Set<string>;
    /** The page to begin with, and how many items are on each of those that are left out. */
    readonly first?: number;
    readonly size?: number;
  },
): AsyncGenerator<Page<T> & { readonly page: number; readonly ended: boolean }> {
  let seen = (first - 1) * size;
  const last = first + maxPages - 1;
  for (let page = first; page <= last; page += 1) {
    const { items, total, unreadable } = await ask(page);
    const fresh = items.filter(({ id }) => !known.has(id) && known.add(id));
    seen += items.length + unreadable;
    // A server that does not know `page` would answer the first one for ever.
    const ended =
      items.length + unreadable === 0 ||
      (total !== null && seen >= total) ||
      (page > first && fresh.length + unreadable === 0);
    yield { items: fresh, total, unreadable, capped: !ended && page === last, page, ended };
    if (ended) return;
  }
}
