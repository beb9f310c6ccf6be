import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../../../../core/db/database.ts';
import { type Condition, readFilter } from '../../../engine/filter.ts';
import type { EngineColumn, SearchItem } from '../../../engine/protocol.ts';
import { type Cell, cellValue } from '../../../engine/values.ts';
import type { Found, Search } from '../../../jobs/target.ts';
import { columnName, tableName } from '../build/store.ts';

type Row = { id: string; score: number; object_key: string; line: number | null } & Record<string, Cell>;

/** Rows that hold the words of a query, as a search engine of the web reads them, and that meet the filter. */
export async function searchBuild(db: Db, table: string, search: Search, language: string): Promise<Found> {
  const { columns } = search.index;
  const words = search.query.trim().replaceAll('\0', ' ');
  const query = sql`websearch_to_tsquery(${language}::regconfig, ${words})`;
  const conditions = readFilter(search.filter ?? {}, columns).map(conditionSql);
  if (words !== '') conditions.push(sql`words @@ ${query}`);
  const cells = columns.map((column, at) => sql`, ${readingOf(column, at)} as ${columnName(at)}`);
  const { rows } = await sql<Row>`
    select id, object_key, line, ${words === '' ? sql`0` : sql`ts_rank_cd(words, ${query})`}::float8 as score
      ${sql.join(cells, sql``)}
    from ${tableName(table)}
    where ${conditions.length > 0 ? sql.join(conditions, sql` and `) : sql`true`}
    order by score desc, id collate "C" limit ${search.limit + 1} offset ${search.offset}`.execute(db);
  const items = rows.slice(0, search.limit).map((row): SearchItem => {
    const { id, score, object_key, line } = row;
    const content = columns.map(({ name, type }, at) => [name, cellValue(type, row[`c${at}`] as Cell)]);
    return { id, score, object_key, line, row: Object.fromEntries(content) };
  });
  return { items, more: rows.length > search.limit };
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
