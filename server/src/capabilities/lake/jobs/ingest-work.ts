import { sha256 } from '../../../core/canonical.ts';
import type { ManifestChanges } from '../diffs/store.ts';
import type { EngineColumn } from '../engine/protocol.ts';
import type { IndexRow } from '../indexes/store.ts';
import type { ObjectTable } from '../tables/version-tables.ts';

/** Records of the table at a place in the list of tables. */
export interface Range {
  readonly table: number;
  readonly from: number;
  readonly to: number;
}

/** One step of a build. */
export type Work = { readonly remove: readonly string[] } | { readonly write: readonly Range[] };

/** What a step of records that are small may hold, so that a crash costs no more than some seconds. */
const bytesOfWrite = 64 * 2 ** 20;
const leastRows = 50_000;
const mostRows = 250_000;
const keysOfRemoval = 500;
const rangesOfWrite = 100;

export interface IngestOptions {
  readonly mode?: 'auto' | 'incremental' | 'rebuild';
  readonly rebuild_ratio?: number;
  readonly verify?: boolean;
  readonly canary_queries?: readonly string[];
  /** Asked of the build before it is served, so that what they need is at hand; they may find nothing. */
  readonly warm_queries?: readonly string[];
  /** How many retired indexes are kept; default 1. */
  readonly keep_previous?: number;
  readonly batch_rows?: number;
}

/**
 * Why an index has to be built whole rather than on top of the one that is served; undefined when it need not. Where a row
 * ever took the place of one of another object, the removal of an object could bring that one back: only a whole build knows.
 */
export function whyWhole(
  options: IngestOptions,
  base: Pick<IndexRow, 'columns' | 'row_count' | 'overrides'> | undefined,
  changes: ManifestChanges,
  columns: readonly EngineColumn[],
  tables: readonly ObjectTable[],
): string | undefined {
  if (options.mode === 'rebuild') return 'asked for';
  if (!base) return 'nothing to build on';
  if (!sameColumns(base.columns, columns)) return 'other columns';
  if (base.overrides > 0 && changes.removed.length > 0) return 'rows were replaced by id';
  if (options.mode === 'incremental') return undefined;
  const added = new Set(changes.added);
  const all = sum(tables);
  const coming = sum(tables.filter(({ object }) => added.has(object.key)));
  const going = Math.max(0, (base.row_count ?? 0) - (all - coming));
  return coming + going > all * (options.rebuild_ratio ?? 0.3) ? 'too much has changed' : undefined;
}

/** Records of one step where nobody says: the smaller they are, the more. */
export function defaultBatchRows(tables: readonly ObjectTable[]): number {
  const bytes = tables.reduce((total, { object }) => total + Number(object.size), 0);
  const records = tables.reduce((total, { rows, rejected }) => total + rows + rejected, 0);
  return Math.max(leastRows, Math.min(mostRows, Math.floor((bytesOfWrite * records) / Math.max(1, bytes))));
}

/** The steps that bring an index to what is wanted: first removals, then ranges of rows in the order of their objects. */
export function planWork(tables: readonly ObjectTable[], changes: ManifestChanges, batchRows: number): Work[] {
  const work: Work[] = [];
  for (let at = 0; at < changes.removed.length; at += keysOfRemoval)
    work.push({ remove: changes.removed.slice(at, at + keysOfRemoval) });
  const added = new Set(changes.added);
  let ranges: Range[] = [];
  let held = 0;
  const close = () => {
    if (ranges.length > 0) work.push({ write: ranges });
    ranges = [];
    held = 0;
  };
  for (const [table, { object, rows, rejected }] of tables.entries()) {
    if (!added.has(object.key)) continue;
    const records = rows + rejected;
    let from = 0;
    // An object without records has a range as well: its step counts it.
    do {
      const to = Math.min(records, from + batchRows - held);
      ranges.push({ table, from, to });
      held += to - from;
      from = to;
      if (held >= batchRows || ranges.length >= rangesOfWrite) close();
    } while (from < records);
  }
  close();
  return work;
}

/** Names a plan by all that decides what its steps do. */
export function planName(base: string | null, columns: readonly EngineColumn[], work: readonly Work[]): string {
  return sha256([base, columns.map(({ name, type }) => [name, type]), work]).slice(0, 32);
}

function sameColumns(a: readonly EngineColumn[], b: readonly EngineColumn[]): boolean {
  const types = new Map(a.map(({ name, type }) => [name, type]));
  return a.length === b.length && b.every(({ name, type }) => types.get(name) === type);
}

function sum(tables: readonly ObjectTable[]): number {
  return tables.reduce((total, { rows }) => total + rows, 0);
}
