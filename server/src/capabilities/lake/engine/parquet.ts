import type { DuckDBConnection } from '@duckdb/node-api';
import { native, openReader, quoted } from './duckdb.ts';
import { parseJson } from './json.ts';
import type { ColumnType, EngineColumn } from './protocol.ts';

/** One row of a Parquet file; every value is a text, number, boolean, parsed JSON or null. */
export type ParquetRow = readonly unknown[];

interface Reading {
  readonly type: ColumnType;
  readonly sql: (column: string) => string;
}

const TEXT: Reading = { type: 'string', sql: (column) => `${column}::VARCHAR` };
const ISO = (column: string, format: string) =>
  `CASE WHEN isfinite(${column}) THEN strftime(${column}, '${format}') END`;

/** The types of Parquet, as DuckDB names them, and how each is brought into what JSON can say. */
const readings: readonly (readonly [RegExp, Reading])[] = [
  [/\[\]$|^(STRUCT|MAP|UNION)\(|\[\d+\]$|^JSON$|^VARIANT$/, { type: 'json', sql: (c) => `to_json(${c})::VARCHAR` }],
  [/^(TINYINT|SMALLINT|INTEGER|UTINYINT|USMALLINT|UINTEGER)$/, { type: 'integer', sql: (c) => `${c}::INTEGER` }],
  [/^(BIGINT)$/, { type: 'integer', sql: (c) => `${c}::VARCHAR` }],
  [/^(FLOAT|DOUBLE)$/, { type: 'number', sql: (c) => `CASE WHEN isfinite(${c}) THEN ${c}::DOUBLE END` }],
  [/^(DECIMAL|HUGEINT|UHUGEINT|UBIGINT)/, { type: 'number', sql: (c) => `${c}::VARCHAR` }],
  [/^BOOLEAN$/, { type: 'boolean', sql: (c) => c }],
  [/^DATE$/, { type: 'date', sql: (c) => ISO(c, '%Y-%m-%d') }],
  [/^TIMESTAMP/, { type: 'timestamp', sql: (c) => ISO(`${c}::TIMESTAMP`, '%Y-%m-%dT%H:%M:%S.%gZ') }],
  [/^BLOB$/, { type: 'string', sql: (c) => `base64(${c})` }],
];

/** The columns of a Parquet file, without reading its rows. */
export async function parquetColumns(path: string, memoryMb: number): Promise<EngineColumn[]> {
  return withSandbox(path, memoryMb, async (connection) => (await columnsOf(connection, path)).columns);
}

/** Reads a Parquet file to the end, about 2,000 rows at a time. A file that DuckDB cannot read fails as a whole. */
export async function* readParquet(path: string, memoryMb: number): AsyncGenerator<ParquetRow[]> {
  const { connection, close } = await openReader([path], memoryMb);
  try {
    const { columns, select } = await columnsOf(connection, path);
    const nested = columns.flatMap((column, index) => (column.type === 'json' ? [index] : []));
    const result = await native(() =>
      connection.stream(`SELECT ${select} FROM read_parquet($1, hive_partitioning = false)`, [path]),
    );
    for (;;) {
      const chunk = await native(() => result.fetchChunk());
      if (!chunk || chunk.rowCount === 0) return;
      const rows = chunk.getRows() as unknown[][];
      for (const row of rows) for (const index of nested) row[index] = parseNested(row[index] as string | null);
      yield rows;
    }
  } finally {
    close();
  }
}

/** Its columns, what DuckDB calls the type of each, and how all of them are selected. */
export async function columnsOf(connection: DuckDBConnection, path: string) {
  const described = await native(() =>
    // A folder of ours such as `a=1` is no column.
    connection.runAndReadAll('DESCRIBE SELECT * FROM read_parquet($1, hive_partitioning = false)', [path]),
  );
  const columns: EngineColumn[] = [];
  const parts: string[] = [];
  const types: string[] = [];
  for (const [name, type] of described.getRowsJson() as [string, string][]) {
    const reading = readings.find(([pattern]) => pattern.test(type))?.[1] ?? TEXT;
    columns.push({ name, type: reading.type });
    types.push(type);
    parts.push(reading.sql(quoted(name, '"')));
  }
  return { columns, types, select: parts.join(', ') };
}

async function withSandbox<T>(path: string, memoryMb: number, run: (c: DuckDBConnection) => Promise<T>): Promise<T> {
  const { connection, close } = await openReader([path], memoryMb);
  try {
    return await run(connection);
  } finally {
    close();
  }
}

// DuckDB writes NaN and infinities into JSON as bare words, which JSON does not have.
function parseNested(text: string | null): unknown {
  if (text === null) return null;
  try {
    return parseJson(text);
  } catch {
    return parseJson(
      text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity|inf)\b/gi, (part) => (part.startsWith('"') ? part : 'null')),
    );
  }
}
