import type { DuckDBDataChunk } from '@duckdb/node-api';
import { native, openReader, quoted } from './duckdb.ts';
import type { RowPart } from './index-protocol.ts';
import type { EngineColumn } from './protocol.ts';
import type { Cell } from './values.ts';

/** Some rows of an object's table, column by column. */
export interface RowChunk {
  readonly part: RowPart;
  readonly count: number;
  /** One list for each wanted column; all null where the object does not have it. */
  readonly cells: readonly (readonly Cell[])[];
  readonly lines: readonly (number | bigint | null)[];
  readonly ordinals: readonly bigint[];
}

/** Reads the rows of parts in order, about 2,000 at a time. */
export async function* readRows(
  parts: readonly RowPart[],
  columns: readonly EngineColumn[],
  memoryMb: number,
): AsyncGenerator<RowChunk> {
  const { connection, close } = await openReader(
    parts.flatMap(({ files }) => files),
    memoryMb,
  );
  try {
    for (const part of parts) {
      const places = columns.map((column) => part.columns.findIndex(({ name }) => name === column.name));
      const wanted = places.flatMap((place, index) =>
        place < 0 ? [] : [reading(`c${place}`, columns[index] as EngineColumn)],
      );
      const result = await native(() =>
        connection.stream(`SELECT ${[...wanted, 'line', 'ordinal'].join(', ')} FROM ${tableOf(part)}`),
      );
      for (;;) {
        const chunk = await native(() => result.fetchChunk());
        if (!chunk || chunk.rowCount === 0) break;
        yield toRows(part, places, chunk);
      }
    }
  } finally {
    close();
  }
}

/** The rows of a part as a source for SELECT, with a condition. The files' order is that of the ordinals. */
export function tableOf({ files, from, to }: RowPart): string {
  const list = files.map((file) => quoted(file, "'")).join(', ');
  return `read_parquet([${list}]) WHERE ordinal >= ${from} AND ordinal < ${to}`;
}

/** A column as the engine hands it out for a cell: times as milliseconds. */
export function reading(sql: string, { type }: EngineColumn): string {
  return type === 'date' || type === 'timestamp' ? `epoch_ms(${sql})` : sql;
}

function toRows(part: RowPart, places: readonly number[], chunk: DuckDBDataChunk): RowChunk {
  const count = chunk.rowCount;
  const values = (at: number) => chunk.getColumnVector(at).toArray() as Cell[];
  const missing: Cell[] = new Array<Cell>(count).fill(null);
  let at = 0;
  const cells = places.map((place) => (place < 0 ? missing : values(at++)));
  return {
    part,
    count,
    cells,
    lines: values(at) as (bigint | null)[],
    ordinals: values(at + 1) as unknown as bigint[],
  };
}
