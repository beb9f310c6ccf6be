import { connect } from '@lancedb/lancedb';
import { nearest, vectorQuery } from '../../src/capabilities/lake/engine/search-vector.ts';
import { makeVectorIndex } from '../../src/capabilities/lake/engine/vector-index.ts';

/** What is asked of the vector index of a table, in a process of its own: a test loads no engine. */
export interface Asked {
  readonly dir: string;
  readonly table: string;
  /** Makes the index anew first, as of vectors beyond this size. */
  readonly maxFlatBytes?: number;
  readonly queries: readonly (readonly number[])[];
}

/** What it is, how the engine answers a query, and the ids that are found nearest. */
export interface Told {
  readonly type: string | null;
  readonly unindexed: number;
  readonly plan: string;
  readonly found: readonly (readonly string[])[];
}

const asked = JSON.parse(process.argv[2] ?? '{}') as Asked;
const table = await (await connect(asked.dir)).openTable(asked.table);
if (asked.maxFlatBytes !== undefined) {
  await table.dropIndex('vector_idx');
  await makeVectorIndex(table, asked.maxFlatBytes);
}
const stats = await table.indexStats('vector_idx');
const vectors = asked.queries.map((numbers) => Float32Array.from(numbers));
const found: string[][] = [];
for (const vector of vectors) {
  const index = { dir: asked.dir, table: asked.table };
  const hits = await nearest(table, '', { index, query: '', mode: 'vector', vector, limit: 9, offset: 0 });
  found.push(hits.map(({ id }) => id));
}
const told: Told = {
  type: stats?.indexType ?? null,
  unindexed: stats?.numUnindexedRows ?? 0,
  plan: await vectorQuery(table, '', vectors[0] as Float32Array)
    .limit(10)
    .explainPlan(true),
  found,
};
process.stdout.write(JSON.stringify(told));
