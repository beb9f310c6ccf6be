import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../../../core/errors.ts';
import { createChecksum, objectHash } from './checksum.ts';
import { native, openReader, openWriter, quoted } from './duckdb.ts';
import { exportNames, ownColumns, partitionPath } from './export-names.ts';
import type { IndexOps } from './index-protocol.ts';
import { placeOf } from './index-rows.ts';
import type { ColumnType } from './protocol.ts';
import { tableOf } from './table-rows.ts';

const MAX_PARTITIONS = 1000;

type Input = IndexOps['export_rows']['input'];
type ExportFile = IndexOps['export_rows']['output']['files'][number];

const types: Readonly<Record<ColumnType, string>> = {
  string: 'VARCHAR',
  json: 'VARCHAR',
  number: 'DOUBLE',
  integer: 'BIGINT',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP_MS',
};

/** Writes the rows of some parts as Parquet files of `dir`, those of a partition apart. Real paths are ours; `path` is a label. */
export async function exportRows(input: Input, memoryMb: number): Promise<IndexOps['export_rows']['output']> {
  await mkdir(input.dir, { recursive: true, mode: 0o700 });
  const { connection, close } = await openWriter(input.dir, memoryMb, ...input.parts.flatMap(({ files }) => files));
  try {
    const names = exportNames(input.columns);
    const places = input.partitionBy.map((name) => placeOf(name, input.columns));
    const source = sourceOf(input);
    const files: ExportFile[] = [];
    for (const { values, rows } of await partitionsOf(connection, source, places)) {
      const label = partitionPath(
        places.map((at) => names[at] as string),
        values,
      );
      const where = places.map((at, index) => `${textOf(at)} IS NOT DISTINCT FROM ${literal(values[index] ?? null)}`);
      const select = [...ownColumns, ...names].map((name, at) =>
        at < ownColumns.length ? name : `c${at - ownColumns.length} AS ${quoted(name, '"')}`,
      );
      const ordered = `SELECT ${select.join(', ')} FROM (${source}) ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''} ORDER BY _part, _ordinal`;
      for (let from = 0; from < rows; from += input.rowsPerFile) {
        const file = path.join(input.dir, `${files.length}.parquet`);
        const limit = `LIMIT ${input.rowsPerFile} OFFSET ${from}`;
        await native(() =>
          connection.run(`COPY (${ordered} ${limit}) TO ${quoted(file, "'")} (FORMAT parquet, COMPRESSION zstd)`),
        );
        const number = String(from / input.rowsPerFile).padStart(4, '0');
        const bytes = (await stat(file)).size;
        files.push({
          file,
          path: `${label}${input.prefix}-${number}.parquet`,
          bytes,
          rows: Math.min(input.rowsPerFile, rows - from),
        });
      }
    }
    return { files };
  } finally {
    close();
  }
}

/** All rows of the parts under the names `c0…cn`, with what is ours and the place of their part. */
function sourceOf({ parts, columns, datasetId }: Input): string {
  const selects = parts.map((part, place) => {
    const text = (value: string) => quoted(value, "'");
    const cells = columns.map((column, at) => {
      const own = part.columns.findIndex(({ name }) => name === column.name);
      return `CAST(${own < 0 ? 'NULL' : `c${own}`} AS ${types[column.type]}) AS c${at}`;
    });
    const id = `substr(sha256(${text(`${datasetId}|${part.key}|`)} || ordinal), 1, 32)`;
    const own = `${id} AS _id, ${text(part.key)} AS _object_key, ${text(part.sha256)} AS _object_sha256, line AS _line, ordinal AS _ordinal`;
    return `SELECT ${place} AS _part, ${[own, ...cells].join(', ')} FROM ${tableOf(part)}`;
  });
  return selects.join(' UNION ALL ');
}

/** The partitions of these rows, by their values as text. */
async function partitionsOf(connection: DuckDBConnection, source: string, places: readonly number[]) {
  const keys = places.map(textOf);
  const groups =
    keys.length > 0 ? `GROUP BY ${keys.join(', ')} ORDER BY ${keys.map((key) => `${key} NULLS LAST`).join(', ')}` : '';
  const reader = await native(() =>
    connection.runAndReadAll(
      `SELECT ${['count(*)', ...keys].join(', ')} FROM (${source}) ${groups} LIMIT ${MAX_PARTITIONS + 1}`,
    ),
  );
  const rows = reader.getRows();
  if (rows.length > MAX_PARTITIONS) {
    throw new AppError(
      'VALIDATION_FAILED',
      `These columns make more than ${MAX_PARTITIONS} partitions of the rows of one step.`,
      'Partition by columns with fewer values.',
    );
  }
  return rows.map(([count, ...values]) => ({ rows: Number(count), values: values as (string | null)[] }));
}

const textOf = (at: number) => `CAST(c${at} AS VARCHAR)`;

/** The engine reads SQL no further than to a NUL. */
function literal(value: string | null): string {
  if (value === null) return 'NULL';
  return value
    .split('\0')
    .map((part) => quoted(part, "'"))
    .join(' || chr(0) || ');
}

/** Counts the rows of exported files and adds up their checksum, reading all of them anew. */
export async function stateOfExport({ files }: IndexOps['export_state']['input'], memoryMb: number) {
  const checksum = createChecksum();
  let rows = 0;
  if (files.length === 0) return { rows, checksum: checksum.value() };
  const { connection, close } = await openReader(files, memoryMb);
  try {
    const list = files.map((file) => quoted(file, "'")).join(', ');
    const result = await native(() =>
      connection.stream(`SELECT _id, _object_sha256, _ordinal FROM read_parquet([${list}])`),
    );
    for (;;) {
      const chunk = await native(() => result.fetchChunk());
      if (!chunk || chunk.rowCount === 0) return { rows, checksum: checksum.value() };
      const [ids, objects, ordinals] = chunk.getColumns();
      for (let row = 0; row < chunk.rowCount; row++)
        checksum.add(String(ids?.[row]), objectHash(String(objects?.[row])), Number(ordinals?.[row]));
      rows += chunk.rowCount;
    }
  } finally {
    close();
  }
}
