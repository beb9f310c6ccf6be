import type { DuckDBConnection } from '@duckdb/node-api';
import { layoutOf } from './contract/layout.ts';
import { native, openReader, quoted } from './duckdb.ts';
import { parseJson } from './json.ts';
import { type ColumnProfile, type ColumnType, type EngineColumn, type EngineOps, MAX_REJECT_TEXT } from './protocol.ts';
import { duckTypeName } from './table-types.ts';

const topValues = 10;
/** Columns of one scan. */
const perScan = 50;
const perColumn = 5;

/** What is in each column of tables: one scan for up to 50 of them. */
export async function profileTables(
  { tables }: EngineOps['profile']['input'],
  memoryMb: number,
): Promise<EngineOps['profile']['output']> {
  const layout = layoutOf({ name: '', tables });
  const { connection, close } = await openReader(
    tables.flatMap(({ files }) => files),
    memoryMb,
  );
  try {
    const columns: ColumnProfile[] = [];
    let rows = 0;
    for (let at = 0; at < layout.columns.length || at === 0; at += perScan) {
      const some = layout.columns.slice(at, at + perScan);
      const found = await scan(connection, layout.select, some, at);
      rows = found.rows;
      columns.push(...found.columns);
    }
    return { rows, columns };
  } finally {
    close();
  }
}

async function scan(connection: DuckDBConnection, from: string, columns: readonly EngineColumn[], first: number) {
  const parts = columns.flatMap(({ type }, index) => partsOf(`g${first + index}`, type));
  const read = await native(() =>
    connection.runAndReadAll(`SELECT ${['count(*)::DOUBLE', ...parts].join(', ')} FROM (${from})`),
  );
  const [rows, ...values] = (read.getRowsJS()[0] ?? []) as [number, ...unknown[]];
  const facts = columns.map((_, index) => values.slice(index * perColumn, (index + 1) * perColumn));
  const top = await countTop(
    connection,
    from,
    columns,
    first,
    facts.map((fact) => fact[4] as string | null),
  );
  return { rows, columns: columns.map((column, index) => toProfile(column, rows, facts[index] ?? [], top[index])) };
}

/** Counts the values that seem to be the most frequent ones: the estimate names them, but does not count. */
async function countTop(
  connection: DuckDBConnection,
  from: string,
  columns: readonly EngineColumn[],
  first: number,
  candidates: readonly (string | null)[],
): Promise<(Record<string, number> | null)[]> {
  const parts = columns.map(({ type }, index) => {
    const shown = shownOf(`g${first + index}`, type);
    const list = `from_json(${quoted(candidates[index] ?? '[]', "'")}, '["${duckTypeName(type)}"]')`;
    return `to_json(histogram(${shown}) FILTER (WHERE list_contains(${list}, ${shown})))::VARCHAR`;
  });
  const read = await native(() => connection.runAndReadAll(`SELECT ${['1', ...parts].join(', ')} FROM (${from})`));
  const [, ...found] = (read.getRowsJS()[0] ?? []) as (string | null)[];
  return found.map((json) => (json === null ? null : (JSON.parse(json) as Record<string, number>)));
}

function toProfile(
  column: EngineColumn,
  rows: number,
  [count, distinct, range, quantiles]: unknown[],
  top: Record<string, number> | null | undefined,
): ColumnProfile {
  const [min, max] = parseJson((range as string | null) ?? '[null,null]') as ColumnProfile['min'][];
  return {
    name: column.name,
    type: column.type,
    nulls: rows - Number(count),
    distinct: Number(distinct),
    min: min ?? null,
    max: max ?? null,
    quantiles: parseJson((quantiles as string | null) ?? 'null') as ColumnProfile['quantiles'],
    top: Object.entries(top ?? {})
      .map(([value, count]) => ({ value, count }))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1)),
  };
}

/** What is long is cut before it leaves the engine. */
function shownOf(sql: string, type: ColumnType): string {
  return type === 'string' || type === 'json' ? `left(${sql}, ${MAX_REJECT_TEXT})` : sql;
}

function partsOf(sql: string, type: ColumnType): string[] {
  const ordered = type === 'integer' || type === 'number' || type === 'date' || type === 'timestamp';
  const shown = shownOf(sql, type);
  return [
    `count(${sql})::DOUBLE`,
    `approx_count_distinct(${sql})::DOUBLE`,
    `to_json([min(${shown}), max(${shown})])::VARCHAR`,
    ordered ? `to_json(approx_quantile(${sql}, [0.25, 0.5, 0.75]))::VARCHAR` : 'NULL',
    `to_json(approx_top_k(${shown}, ${topValues}))::VARCHAR`,
  ];
}
