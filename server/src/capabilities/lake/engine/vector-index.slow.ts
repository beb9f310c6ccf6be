import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Asked, Told } from '../../../../test/support/vector-index.ts';
import { createScratch, createTestPool, type Scratch } from './fixtures.ts';
import type { RowPart } from './index-protocol.ts';
import type { EnginePool } from './pool.ts';
import type { IndexRef } from './protocol.ts';

const dimensions = 16;
const script = fileURLToPath(new URL('../../../../test/support/vector-index.ts', import.meta.url));

let scratch: Scratch;
let pool: EnginePool;
beforeAll(async () => {
  scratch = await createScratch();
  pool = createTestPool({ timeoutMs: 120_000 });
});
afterAll(async () => {
  await pool.close();
  await scratch.remove();
});

/** Vectors around a hundred places, as those of texts lie around topics; the same ones each time. */
function vectorsOf(count: number): number[][] {
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return seed / 0x40000000 - 1;
  };
  const places = Array.from({ length: 100 }, () => Array.from({ length: dimensions }, random));
  return Array.from({ length: count }, (_, at) =>
    (places[at % 100] as number[]).map((value) => Number((value + random() / 2).toFixed(4))),
  );
}

async function indexOf(vectors: readonly number[][]): Promise<IndexRef> {
  const lines = vectors.map((v, n) => JSON.stringify({ n: `r${n}`, v }));
  const object = await scratch.put('a.jsonl', `${lines.join('\n')}\n`);
  const dir = `${scratch.dir}/table${vectors.length}`;
  const { files, columns, rows } = await pool.run('materialise', { object, dir });
  const paths = files.map((file) => `${dir}/${file}`);
  const part: RowPart = { key: 'a.jsonl', sha256: 'ab'.repeat(32), files: paths, columns, from: 0, to: rows };
  const index = { dir: `${scratch.dir}/index`, table: `t${vectors.length}` };
  const data = columns.filter(({ name }) => name === 'n');
  const plan = { datasetId: 'ds_1', columns: data, mapping: { id: 'n', vector: 'v' }, dimensions };
  const { version } = await pool.run('index_begin', { index, columns: data, dimensions });
  const written = await pool.run('index_write', { index, at: version as number, ...plan, parts: [part] });
  await pool.run('index_finish', { index, at: written.version, keep: [] });
  return index;
}

async function ask(asked: Asked): Promise<Told> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(asked)]);
  return JSON.parse(stdout) as Told;
}

/** The ids of the ten vectors that an exact comparison with all finds nearest. */
function exact(vectors: readonly number[][], query: readonly number[]): string[] {
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, at) => sum + x * (b[at] as number), 0);
  const score = (v: readonly number[]) => dot(v, query) / Math.sqrt(dot(v, v));
  const scores = vectors.map((v, n) => ({ id: `r${n}`, score: score(v) }));
  return scores
    .sort((a, b) => b.score - a.score)
    .slice(0, 10)
    .map(({ id }) => id);
}

test('many vectors are searched by an index, which finds nearly all that an exact comparison finds', async () => {
  const vectors = vectorsOf(24_000);
  const index = await indexOf(vectors);
  const queries = Array.from({ length: 20 }, (_, at) => vectors[at * 1171] as number[]);
  const right = queries.map((query) => exact(vectors, query));
  const recall = ({ found }: Told) =>
    found.flatMap((ids, at) => ids.filter((id) => right[at]?.includes(id))).length / (queries.length * 10);
  const flat = await ask({ ...index, queries });
  expect(flat).toMatchObject({ type: 'IVF_FLAT', unindexed: 0, plan: expect.stringContaining('ANN') });
  expect(recall(flat)).toBeGreaterThanOrEqual(0.95);
  // Larger ones are shortened; what is found is compared exactly again.
  const short = await ask({ ...index, queries, maxFlatBytes: 0 });
  expect(short).toMatchObject({ type: 'IVF_PQ', unindexed: 0, plan: expect.stringContaining('ANN') });
  expect(recall(short)).toBeGreaterThanOrEqual(0.9);
}, 120_000);

test('few vectors are compared one by one, which is exact', async () => {
  const vectors = vectorsOf(500);
  const index = await indexOf(vectors);
  const queries = [7, 70, 400].map((at) => vectors[at] as number[]);
  const told = await ask({ ...index, queries });
  expect(told.type).toBeNull();
  expect(told.plan).not.toContain('ANN');
  expect(told.found).toEqual(queries.map((query) => exact(vectors, query)));
});
