import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDBAppender, DuckDBConnection, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { copyCsv } from './copy-csv.ts';
import { copyParquet } from './copy-parquet.ts';
import { native, openWriter, quoted } from './duckdb.ts';
import {
  type ColumnType,
  type EngineColumn,
  type EngineOps,
  KEPT_REJECTS,
  type OnProgress,
  type Reject,
} from './protocol.ts';
import { type ObjectRow, readObject } from './read-objects.ts';
import type { Cell } from './values.ts';

/** Rows of a file: what is in memory at once. */
const PART_ROWS = 250_000;
const PART_CHARS = 128 << 20;
const CHUNK_ROWS = 2048;

type Duck = typeof import('@duckdb/node-api');

/**
 * Writes the good rows of an object as Parquet files below `dir`, in order, each row with the line on which it begins and
 * its place among all records. Repeating it writes the same rows again, over what was there.
 */
export async function materialiseObject(
  input: EngineOps['materialise']['input'],
  memoryMb: number,
  onProgress: OnProgress,
  way: 'any' | 'own' = 'any',
): Promise<EngineOps['materialise']['output']> {
  const fast = way === 'any' ? ((await copyCsv(input, memoryMb)) ?? (await copyParquet(input, memoryMb))) : undefined;
  if (fast) return fast;
  const reader = await readObject(input.object, { columns: input.columns, withJson: false, memoryMb });
  await mkdir(input.dir, { recursive: true, mode: 0o700 });
  const duck = await import('@duckdb/node-api');
  const { connection, close } = await openWriter(input.dir, memoryMb);
  try {
    const parts = createParts(duck, connection, input.dir, reader.columns);
    const rejects: Reject[] = [];
    let rows = 0;
    let rejected = 0;
    for await (const batch of reader.batches()) {
      await parts.add(batch.rows);
      rows += batch.rows.length;
      rejected += batch.rejects.length;
      rejects.push(...batch.rejects.slice(0, KEPT_REJECTS - rejects.length));
      onProgress({ rows: rows + rejected });
    }
    return { columns: reader.columns, files: await parts.finish(), rows, rejected, rejects };
  } finally {
    close();
  }
}

/** Collects rows in a table of DuckDB's and writes it out whenever it is full; at least one file comes of it. */
function createParts(duck: Duck, connection: DuckDBConnection, dir: string, columns: readonly EngineColumn[]) {
  const types = [...columns.map(({ type }) => duckType(duck, type)), duck.BIGINT, duck.BIGINT];
  // Not by their real names: foreign ones may be equal but for their case, which DuckDB does not tell apart.
  const names = [...columns.map((_, index) => `c${index}`), 'line', 'ordinal'];
  const files: string[] = [];
  let appender: DuckDBAppender | undefined;
  let held = 0;
  let chars = 0;
  const run = (text: string) => native(() => connection.run(text));

  async function write(): Promise<void> {
    appender?.closeSync();
    appender = undefined;
    const file = `part-${String(files.length).padStart(5, '0')}.parquet`;
    if (held === 0) await create();
    await run(`COPY part TO ${quoted(path.join(dir, file), "'")} (FORMAT parquet, COMPRESSION lz4_raw)`);
    files.push(file);
    held = 0;
    chars = 0;
  }

  async function create(): Promise<void> {
    const list = names.map((name, index) => `${name} ${types[index]}`);
    await run(`CREATE OR REPLACE TABLE part (${list.join(', ')})`);
  }

  return {
    async add(rows: readonly ObjectRow[]): Promise<void> {
      for (let at = 0; at < rows.length; at += CHUNK_ROWS) {
        if (!appender) {
          await create();
          appender = await connection.createAppender('part');
        }
        const some = rows.slice(at, at + CHUNK_ROWS);
        appender.appendDataChunk(chunkOf(duck, types, columns, some));
        held += some.length;
        chars += charsOf(some);
        if (held >= PART_ROWS || chars >= PART_CHARS) await write();
      }
    },
    async finish(): Promise<string[]> {
      if (held > 0 || files.length === 0) await write();
      return files;
    },
  };
}

/** About how much the texts of rows take. */
function charsOf(rows: readonly ObjectRow[]): number {
  let chars = 0;
  for (const { cells } of rows) for (const cell of cells) if (typeof cell === 'string') chars += cell.length;
  return chars;
}

function chunkOf(duck: Duck, types: DuckDBType[], columns: readonly EngineColumn[], rows: readonly ObjectRow[]) {
  const chunk = duck.DuckDBDataChunk.create(types, rows.length);
  for (const [index, { type }] of columns.entries()) {
    chunk.setColumnValues(
      index,
      rows.map(({ cells }) => duckValue(duck, type, cells[index] as Cell)),
    );
  }
  chunk.setColumnValues(
    columns.length,
    rows.map(({ line }) => (line === null ? null : BigInt(line))),
  );
  chunk.setColumnValues(
    columns.length + 1,
    rows.map(({ ordinal }) => BigInt(ordinal)),
  );
  return chunk;
}

function duckType(duck: Duck, type: ColumnType): DuckDBType {
  switch (type) {
    case 'integer':
      return duck.BIGINT;
    case 'number':
      return duck.DOUBLE;
    case 'boolean':
      return duck.BOOLEAN;
    case 'date':
      return duck.DATE;
    case 'timestamp':
      return duck.TIMESTAMP_MS;
    case 'string':
    case 'json':
      return duck.VARCHAR;
  }
}

function duckValue(duck: Duck, type: ColumnType, cell: Cell): DuckDBValue {
  if (cell === null) return null;
  if (type === 'integer') return BigInt(cell as number);
  if (type === 'date') return new duck.DuckDBDateValue(Math.round((cell as number) / 86_400_000));
  if (type === 'timestamp') return new duck.DuckDBTimestampMillisecondsValue(BigInt(cell as number));
  return cell;
}
