import type { DuckDBArrayVector, DuckDBDataChunk } from '@duckdb/node-api';
import { hasDirection, vectorSql } from './data-vectors.ts';
import { native, openReader } from './duckdb.ts';
import type { RowPart, RowPlan } from './index-protocol.ts';
import type { EngineColumn } from './protocol.ts';
import { readFiles } from './table-files.ts';
import type { Cell } from './values.ts';

/** Some rows of an object's table, column by column. */
export interface RowChunk {
  readonly part: RowPart;
  readonly count: number;
  /** One list for each wanted column; all null where the object does not have it. */
  readonly cells: readonly (readonly Cell[])[];
  readonly lines: readonly (number | bigint | null)[];
  readonly ordinals: readonly bigint[];
  /** Where the mapping names a column of them: null for a row without one, and of a bad one its text. */
  readonly vectors?: readonly (Float32Array | string | null)[];
}

/** Reads the rows of parts in order, about 2,000 at a time. */
export async function* readRows(
  parts: readonly RowPart[],
  columns: readonly EngineColumn[],
  memoryMb: number,
  of: Pick<RowPlan, 'mapping' | 'dimensions'> = { mapping: {} },
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
      const vector = vectorSql(part, of);
      const list = [
        ...wanted,
        'line',
        'ordinal',
        ...(vector ? [`CASE WHEN NOT ${vector.good} THEN ${vector.text} END`, vector.value] : []),
      ];
      const result = await native(() => connection.stream(`SELECT ${list.join(', ')} FROM ${tableOf(part)}`));
      for (;;) {
        const chunk = await native(() => result.fetchChunk());
        if (!chunk || chunk.rowCount === 0) break;
        const rows = toRows(part, places, chunk);
        yield vector ? { ...rows, vectors: vectorsOf(chunk, of.dimensions) } : rows;
      }
    }
  } finally {
    close();
  }
}

/** The rows of a part as a source for SELECT, with a condition. The files' order is that of the ordinals. */
export function tableOf({ files, from, to }: RowPart): string {
  return `${readFiles(files)} WHERE ordinal >= ${from} AND ordinal < ${to}`;
}

/** A column as the engine hands it out for a cell: times as milliseconds, lists as JSON. */
export function reading(sql: string, { type }: EngineColumn): string {
  if (type === 'json') return `${sql}::VARCHAR`;
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

/** The last two columns of a chunk as vectors. */
function vectorsOf(chunk: DuckDBDataChunk, dimensions: number | undefined): (Float32Array | string | null)[] {
  const bad = chunk.getColumnVector(chunk.columnCount - 2);
  const good = chunk.getColumnVector(chunk.columnCount - 1);
  return Array.from({ length: chunk.rowCount }, (_, row) => {
    const text = bad.getItem(row) as string | null;
    if (text !== null || dimensions === undefined) return text;
    const value = (good as DuckDBArrayVector).getItem(row);
    const vector = value && Float32Array.from(value.items as number[]);
    return vector && hasDirection(vector) ? vector : null;
  });
}
