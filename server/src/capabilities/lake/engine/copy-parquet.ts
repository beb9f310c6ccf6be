import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { openWriter, quoted } from './duckdb.ts';
import { columnsOf } from './parquet.ts';
import type { EngineColumn, EngineOps } from './protocol.ts';
import { countedFile } from './table-files.ts';

const file = countedFile(null);
const numbers = /^(FLOAT|DOUBLE|TINYINT|SMALLINT|INTEGER)\[\d*\]$/;

/**
 * Lets DuckDB turn a Parquet file into a table where each of its types is brought into ours by SQL alone. Undefined where one
 * is not, or other types are wanted than its own, or a time is beyond what we write: then our own reader reads it.
 */
export async function copyParquet(
  { object, columns: wanted, dir }: EngineOps['materialise']['input'],
  memoryMb: number,
): Promise<EngineOps['materialise']['output'] | undefined> {
  // The engine would take such a name for a pattern of names.
  if (object.format !== 'parquet' || /[*?[\]{}]/.test(object.path)) return undefined;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const { connection, close } = await openWriter(dir, memoryMb, object.path);
  try {
    const { columns, types } = await columnsOf(connection, object.path);
    const casts = columns.map((column, index) => cast(column, types[index] ?? '', quoted(column.name, '"')));
    const asked = (column: EngineColumn) => wanted?.find(({ name }) => name === column.name)?.type ?? column.type;
    if (casts.length === 0 || casts.includes(undefined) || columns.some((column) => asked(column) !== column.type))
      return undefined;
    const select = casts.map((sql, index) => `${sql} AS c${index}`);
    const rows = await connection
      .run(
        `COPY (SELECT ${select.join(', ')} FROM read_parquet(${quoted(object.path, "'")}, hive_partitioning = false))
         TO ${quoted(path.join(dir, file), "'")} (FORMAT parquet, COMPRESSION lz4_raw)`,
      )
      .then(({ rowsChanged }) => rowsChanged)
      .catch(() => undefined);
    if (rows !== undefined) return { columns, files: [file], rows, rejected: 0, rejects: [] };
  } finally {
    close();
  }
  await rm(path.join(dir, file), { force: true });
  return undefined;
}

/** A value as our own reader makes it, from the engine's type of that name; undefined where only that reader can. */
function cast({ type }: EngineColumn, from: string, sql: string): string | undefined {
  // Years of other than four digits are no dates to us; what is endless is null.
  const inTime = (value: string) =>
    `CASE WHEN NOT isfinite(${sql}) THEN NULL WHEN year(${sql}) BETWEEN 1 AND 9999 THEN ${value} ELSE error('odd') END`;
  switch (type) {
    case 'integer':
      return `${sql}::BIGINT`;
    case 'number':
      if (from === 'FLOAT' || from === 'DOUBLE') return `CASE WHEN isfinite(${sql}) THEN ${sql}::DOUBLE + 0 END`;
      return `CAST(${sql}::VARCHAR AS DOUBLE) + 0`;
    case 'boolean':
      return sql;
    case 'date':
      return inTime(sql);
    case 'timestamp':
      return inTime(`date_trunc('millisecond', ${sql}::TIMESTAMP)::TIMESTAMP_MS`);
    case 'string':
      if (from === 'BLOB') return `NULLIF(base64(${sql}), '')`;
      return `NULLIF(${sql}::VARCHAR, '')`;
    case 'json':
      // Lists of numbers stay lists: readers that want JSON have them cast, and those that want vectors parse no text.
      return numbers.test(from)
        ? `CASE WHEN ${sql} IS NULL OR list_count(${sql}) = len(${sql}) AND isfinite(coalesce(list_sum(${sql})::DOUBLE, 0)) THEN ${sql} ELSE error('odd') END`
        : undefined;
  }
}
