import { native, openReader } from './duckdb.ts';
import type { IndexOps } from './index-protocol.ts';
import { tableOf } from './table-rows.ts';

/** How many numbers the first vector of these parts has, in the order of keys and ordinals. */
export async function vectorSize(
  { vector, parts }: IndexOps['vector_size']['input'],
  memoryMb: number,
): Promise<IndexOps['vector_size']['output']> {
  const { connection, close } = await openReader(
    parts.flatMap(({ files }) => files),
    memoryMb,
  );
  try {
    for (const part of parts) {
      const at = part.columns.findIndex(({ name }) => name === vector);
      if (at < 0) continue;
      for (let { from } = part, count = 1000; from < part.to; from += count, count *= 10) {
        const some = tableOf({ ...part, from, to: Math.min(part.to, from + count) });
        const found = await native(() => connection.runAndReadAll(firstSize(`TRY_CAST(c${at} AS FLOAT[])`, some)));
        const [row] = found.getRowsJS();
        if (row) return { dimensions: Number(row[0]) };
      }
    }
    return { dimensions: null };
  } finally {
    close();
  }
}

function firstSize(list: string, table: string): string {
  const good = `len(${list}) > 0 AND list_count(${list}) = len(${list}) AND isfinite(list_sum(${list}))`;
  return `SELECT len(${list})::INTEGER FROM ${table} AND ${good} ORDER BY ordinal LIMIT 1`;
}
