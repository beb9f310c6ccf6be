import type { Index, Table } from '@lancedb/lancedb';
import { dimensionsOfSchema } from './arrow-columns.ts';

const VECTOR_INDEX = 'vector_idx';
/** Fewer rows are compared one by one, which is exact and takes milliseconds. */
const MIN_ROWS = 20_000;
/** Up to this size vectors are kept as they are: to learn how to shorten them takes twenty times as long as all the rest. */
const MAX_FLAT_BYTES = 1 << 30;
/** The engine's own 50 rounds over 256 vectors for each part find hardly better ones. */
const TRAINING = { maxIterations: 20, sampleRate: 64 };

/** Makes the vector index (inverted lists over cosine distances) of a table that has vectors, enough rows and none yet. */
export async function makeVectorIndex(table: Table, maxFlatBytes = MAX_FLAT_BYTES): Promise<void> {
  const dimensions = dimensionsOfSchema(await table.schema());
  if (dimensions === undefined || (await table.listIndices()).some(({ name }) => name === VECTOR_INDEX)) return;
  // To count all that have one would read them all.
  const some = await table.query().where('vector IS NOT NULL').select(['ordinal']).limit(MIN_ROWS).toArrow();
  if (some.numRows < MIN_ROWS) return;
  const rows = await table.countRows();
  await table.createIndex('vector', { config: await configOf(rows, dimensions, maxFlatBytes), name: VECTOR_INDEX });
}

async function configOf(rows: number, dimensions: number, maxFlatBytes: number): Promise<Index> {
  const lance = await import('@lancedb/lancedb');
  const common = { distanceType: 'cosine', ...TRAINING } as const;
  if (rows * dimensions * 4 <= maxFlatBytes)
    return lance.Index.ivfFlat({ ...common, numPartitions: Math.round(Math.sqrt(rows) / 4) });
  return lance.Index.ivfPq({
    ...common,
    numPartitions: Math.round(Math.sqrt(rows) / 2),
    numSubVectors: subVectors(dimensions),
  });
}

/** As many as leave about four numbers each: they have to divide the vector. */
function subVectors(dimensions: number): number {
  for (let count = Math.max(1, Math.floor(dimensions / 4)); count > 1; count--) {
    if (dimensions % count === 0) return count;
  }
  return 1;
}
