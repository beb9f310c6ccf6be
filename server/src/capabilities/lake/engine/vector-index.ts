import type { Table } from '@lancedb/lancedb';
import { dimensionsOfSchema } from './arrow-columns.ts';

const VECTOR_INDEX = 'vector_idx';
/** Fewer rows are compared one by one, which is exact and takes milliseconds. */
const MIN_ROWS = 20_000;

/** Makes the vector index (IVF_PQ over cosine distances) of a table that has vectors, enough rows and none yet. */
export async function makeVectorIndex(table: Table): Promise<void> {
  const dimensions = dimensionsOfSchema(await table.schema());
  if (dimensions === undefined || (await table.listIndices()).some(({ name }) => name === VECTOR_INDEX)) return;
  const rows = await table.countRows('vector IS NOT NULL');
  if (rows < MIN_ROWS) return;
  const lance = await import('@lancedb/lancedb');
  const config = lance.Index.ivfPq({
    distanceType: 'cosine',
    numPartitions: Math.max(2, Math.round(Math.sqrt(rows) / 2)),
    numSubVectors: subVectors(dimensions),
  });
  await table.createIndex('vector', { config, name: VECTOR_INDEX });
}

/** As many as leave about four numbers each: they have to divide the vector. */
function subVectors(dimensions: number): number {
  for (let count = Math.max(1, Math.floor(dimensions / 4)); count > 1; count--) {
    if (dimensions % count === 0) return count;
  }
  return 1;
}
