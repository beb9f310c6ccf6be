import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { openWriter, quoted } from './duckdb.ts';
import { parquetTypes } from './parquet.ts';
import type { EngineColumn, EngineOps } from './protocol.ts';

const file = 'part-00000.parquet';

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
  const { columns, types } = await parquetTypes(object.path, memoryMb);
  const casts = columns.map((column, index) => cast(column, types[index] ?? '', quoted(column.name, '"')));
  const asked = (column: EngineColumn) => wanted?.find(({ name }) => name === column.name)?.type ?? column.type;
  if (casts.length === 0 || casts.includes(undefined) || columns.some((column) => asked(column) !== column.type))
    return undefined;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const { connection, close } = await openWriter(dir, memoryMb, object.path);
  try {
    const select = casts.map((sql, index) => `${sql} AS c${index}`);
    const { rowsChanged: rows } = await connection.run(
      `COPY (SELECT ${select.join(', ')}, NULL::BIGINT AS line, row_number() OVER () - 1 AS ordinal
       FROM read_parquet(${quoted(object.path, "'")}))
       TO ${quoted(path.join(dir, file), "'")} (FORMAT parquet, COMPRESSION lz4_raw)`,
    );
    return { columns, files: [file], rows, rejected: 0, rejects: [] };
  } catch {
    await rm(path.join(dir, file), { force: true });
    return undefined;
  } finally {
    close();
  }
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
      return undefined;
  }
}
