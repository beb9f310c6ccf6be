import type { Table } from '@lancedb/lancedb';
import { columnsOfSchema } from './arrow-columns.ts';
import { compileFilter } from './filter.ts';
import { missingIndex, openIndex } from './index-table.ts';
import type { EngineColumn, EngineOps, SearchInput, SearchItem } from './protocol.ts';
import { byScore } from './rank-fusion.ts';
import { type Hit, toHits } from './search-hits.ts';
import { fused, nearest } from './search-vector.ts';
import { type Cell, cellValue } from './values.ts';

const OPEN_TABLES = 8;

interface OpenTable {
  readonly table: Table;
  readonly columns: readonly EngineColumn[];
}

const opened = new Map<string, OpenTable>();

/**
 * Finds rows by words, by what is nearest to a vector, or both together, and by a filter; without words the rows that match the filter come by id, with score 0.
 * The order is score descending, then id, so that pages neither overlap nor miss a row while the index stands still.
 */
export async function searchIndex(input: SearchInput): Promise<EngineOps['search']['output']> {
  const known = opened.get(tableKey(input));
  if (known) {
    try {
      return await searchIn(known, input);
    } catch {
      // The table may have been dropped and made anew under the same name; what is really wrong shows once more below.
      opened.delete(tableKey(input));
      known.table.close();
    }
  }
  return searchIn(await open(input), input);
}

async function searchIn({ table, columns }: OpenTable, input: SearchInput): Promise<EngineOps['search']['output']> {
  const where = input.filter ? compileFilter(input.filter, columns) : '';
  const query = input.query.trim();
  const byWords = (limit: number) => rank(table, query, where, { ...input, limit: limit - 1, offset: 0 });
  const near = input.mode !== 'text' && input.vector !== undefined;
  const hits =
    near && (input.mode === 'vector' || query === '')
      ? await nearest(table, where, input)
      : near
        ? await fused(table, where, input, byWords)
        : query === ''
          ? await scan(table, where, input)
          : await rank(table, query, where, input);
  const page = hits.slice(0, input.limit);
  return { items: await load(table, columns, page), more: hits.length > input.limit };
}

async function open(input: SearchInput): Promise<OpenTable> {
  const table = await openIndex(input.index);
  if (!table) throw missingIndex();
  // What is read of a version never changes, whatever is built on top of it meanwhile.
  if (input.at !== undefined) await table.checkout(input.at);
  const entry = { table, columns: columnsOfSchema(await table.schema()) };
  opened.set(tableKey(input), entry);
  const oldest = opened.size > OPEN_TABLES ? opened.entries().next().value : undefined;
  if (oldest) {
    opened.delete(oldest[0]);
    oldest[1].table.close();
  }
  return entry;
}

async function scan(table: Table, where: string, { limit, offset }: SearchInput): Promise<Hit[]> {
  const query = table.query().select(['id']).withRowId().orderBy({ columnName: 'id', ascending: true });
  if (where !== '') query.where(where);
  return toHits(
    await query
      .limit(limit + 1)
      .offset(offset)
      .toArrow(),
  );
}

/** The engine breaks ties as it likes, so as many hits are asked for as it takes to see the last tie of the page whole. */
async function rank(table: Table, words: string, where: string, { limit, offset }: SearchInput): Promise<Hit[]> {
  const { MatchQuery } = await import('@lancedb/lancedb');
  const wanted = offset + limit + 1;
  for (let ask = wanted + 100; ; ask *= 32) {
    const query = table.query().fullTextSearch(new MatchQuery(words, 'text')).select(['id', '_score']).withRowId();
    if (where !== '') query.where(where);
    const hits = toHits(await query.limit(ask).toArrow()).sort(byScore);
    const last = hits.at(-1);
    if (hits.length < ask || (last && last.score < (hits[wanted - 1] as Hit).score)) return hits.slice(offset, wanted);
  }
}

async function load(table: Table, columns: readonly EngineColumn[], page: readonly Hit[]): Promise<SearchItem[]> {
  if (page.length === 0) return [];
  const names = (await table.schema()).fields.map(({ name }) => name);
  // Indexes of release 0.1.0 keep rows as JSON; those after it put them together from their columns.
  const wanted = names.includes('row') ? ['row'] : columns.map((_, index) => `c${index}`);
  const rows = await table
    .takeRowIds(page.map(({ rowid }) => rowid))
    .select(['id', 'object_key', 'line', ...wanted])
    .toArray();
  const byId = new Map(rows.map((row) => [row.id as string, row]));
  return page.map(({ id, score }) => {
    const row = byId.get(id);
    const line = row.line === null ? null : Number(row.line);
    const content = typeof row.row === 'string' ? JSON.parse(row.row) : rowOf(columns, row);
    return { id, score, row: content, object_key: row.object_key, line };
  });
}

function rowOf(columns: readonly EngineColumn[], cells: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    columns.map(({ name, type }, index) => [name, cellValue(type, cells[`c${index}`] as Cell)]),
  );
}

function tableKey({ index, at }: SearchInput): string {
  return `${index.dir}\0${index.table}\0${at ?? ''}`;
}
