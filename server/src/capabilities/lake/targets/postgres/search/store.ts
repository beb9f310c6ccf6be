import { hash } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import { type Db, inTransaction } from '../../../../../core/db/database.ts';
import { type Condition, readFilter } from '../../../engine/filter.ts';
import type { EngineColumn, SearchItem } from '../../../engine/protocol.ts';
import { CANDIDATES, fuse, type Ranked } from '../../../engine/rank-fusion.ts';
import { type Cell, cellValue } from '../../../engine/values.ts';
import type { Found, Search } from '../../../jobs/target.ts';
import { columnName, tableName } from '../build/store.ts';
import { lookFar, type Pgvector, vectorText, vectorType } from '../vectors/store.ts';

type Row = { id: string; object_key: string; line: number | null } & Record<string, Cell>;

/** What is looked for by its direction, and how the table keeps vectors. */
export interface Near {
  readonly vector: Float32Array;
  readonly pgvector: Pgvector;
  readonly dimensions: number;
  readonly indexed: boolean;
}

/**
 * Rows that hold the words of a query, as a search engine of the web reads them, or that are near, or both together in
 * the mode hybrid; all of them meet the filter. Without both come all that meet it, by id, with score 0.
 */
export async function searchBuild(
  db: Db,
  table: string,
  search: Search,
  language: string,
  near?: Near,
): Promise<Found> {
  const { columns } = search.index;
  const words = search.query.trim().replaceAll('\0', ' ');
  const where = readFilter(search.filter ?? {}, columns).map(conditionSql);
  const end = search.offset + search.limit + 1;
  const wanted = near ? Math.max(CANDIDATES, end) : end;
  const byWords = () => rankByWords(db, table, words, language, where, wanted);
  const byMeaning = (of: Near) => rankByVector(db, table, of, where, wanted);
  const hits = !near
    ? await byWords()
    : search.mode === 'hybrid' && words !== ''
      ? fuse([await byWords(), await byMeaning(near)])
      : await byMeaning(near);
  const page = hits.slice(search.offset, end - 1);
  return { items: await load(db, table, columns, page), more: hits.length >= end };
}

async function rankByWords(
  db: Db,
  table: string,
  words: string,
  language: string,
  filter: readonly RawBuilder<unknown>[],
  limit: number,
): Promise<Ranked[]> {
  const query = sql`websearch_to_tsquery(${language}::regconfig, ${words})`;
  const where = words === '' ? filter : [...filter, sql`words @@ ${query}`];
  const { rows } = await sql<Ranked>`
    select id, ${words === '' ? sql`0` : sql`ts_rank_cd(words, ${query})`}::float8 as score
    from ${tableName(table)} where ${allOf(where)}
    order by score desc, id collate "C" limit ${limit}`.execute(db);
  return rows;
}

/** The score is the cosine of both vectors, 1 for the same direction. Rows without a vector are near to nothing. */
async function rankByVector(
  db: Db,
  table: string,
  { vector, pgvector, dimensions, indexed }: Near,
  filter: readonly RawBuilder<unknown>[],
  limit: number,
): Promise<Ranked[]> {
  const text = vectorText(vector);
  if (text === null) return [];
  const distance = sql`vector operator(${sql.id(pgvector.schema)}.<=>) ${text}::${vectorType(pgvector, dimensions)}`;
  const ask = sql<Ranked>`
    select id, 1 - distance as score from (
      select id, ${distance} as distance from ${tableName(table)}
      where ${allOf([sql`vector is not null`, ...filter])} order by distance, id collate "C" limit ${limit}
    ) found order by score desc, id collate "C"`;
  return inTransaction(db, async (tx) => {
    if (indexed) await lookFar(tx, pgvector, limit);
    const { rows } = await ask.execute(tx);
    if (!indexed || rows.length >= limit) return rows;
    // An index leads to some rows only, of which a filter may have left out most.
    await sql`set local enable_indexscan = off`.execute(tx);
    return (await ask.execute(tx)).rows;
  });
}

async function load(db: Db, table: string, columns: readonly EngineColumn[], page: readonly Ranked[]) {
  if (page.length === 0) return [];
  const cells = columns.map((column, at) => sql`, ${readingOf(column, at)} as ${columnName(at)}`);
  const hashes = page.map(({ id }) => hash('sha256', id, 'buffer'));
  const { rows } = await sql<Row>`
    select id, object_key, line ${sql.join(cells, sql``)}
    from ${tableName(table)} where id_hash = any(${hashes}::bytea[])`.execute(db);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return page.flatMap(({ id, score }): SearchItem[] => {
    const row = byId.get(id);
    if (!row) return [];
    const content = columns.map(({ name, type }, at) => [name, cellValue(type, row[`c${at}`] as Cell)]);
    return [{ id, score, object_key: row.object_key, line: row.line, row: Object.fromEntries(content) }];
  });
}

function allOf(conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return conditions.length > 0 ? sql.join(conditions, sql` and `) : sql`true`;
}

/** As text where a number of JavaScript would lose digits, times as milliseconds. */
function readingOf({ type }: EngineColumn, at: number): RawBuilder<unknown> {
  const name = columnName(at);
  if (type === 'integer') return sql`${name}::text`;
  return type === 'date' || type === 'timestamp' ? sql`(extract(epoch from ${name}) * 1000)::bigint::text` : name;
}

const comparisons = { gt: sql`>`, gte: sql`>=`, lt: sql`<`, lte: sql`<=`, eq: sql`=` } as const;

function conditionSql({ at, column, operator, operand }: Condition): RawBuilder<unknown> {
  const name = columnName(at);
  const value = (given: unknown) => valueSql(column, given);
  switch (operator) {
    case 'is_null':
      return operand ? sql`${name} is null` : sql`${name} is not null`;
    case 'eq':
      return operand === null ? sql`${name} is null` : sql`${name} = ${value(operand)}`;
    case 'ne':
      return operand === null ? sql`${name} is not null` : sql`${name} is distinct from ${value(operand)}`;
    case 'in': {
      const all = operand as readonly unknown[];
      const parts = all.map((one) => (one === null ? sql`${name} is null` : sql`${name} = ${value(one)}`));
      return parts.length > 0 ? sql`(${sql.join(parts, sql` or `)})` : sql`false`;
    }
    case 'contains':
      return sql`position(${String(operand).replaceAll('\0', '\ufffd')} in ${name}) > 0`;
    default:
      return sql`${name} ${comparisons[operator]} ${value(operand)}`;
  }
}

function valueSql({ type }: EngineColumn, given: unknown): RawBuilder<unknown> {
  switch (type) {
    case 'number':
      return sql`${given}::float8`;
    case 'integer':
      // A fraction is never equal to an integer but may well be compared with one.
      return sql`${String(given)}::numeric`;
    case 'boolean':
      return sql`${given}::boolean`;
    case 'date':
    case 'timestamp':
      return sql`to_timestamp(${given}::float8 / 1000)`;
    default:
      return sql`${String(given).replaceAll('\0', '\ufffd')}::text collate "C"`;
  }
}
