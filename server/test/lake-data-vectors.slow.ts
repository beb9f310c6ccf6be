import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lake, lakeOf } from './support/lake.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let lake: Lake;
beforeAll(async () => {
  server = await startTestServer();
  lake = lakeOf(server);
});
afterAll(() => server.stop());

const lines = (rows: readonly object[]) => `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`;
const mapping = { vector: 'embedding', text: ['name'] };
const names = (items: readonly { row: { name: string } }[]) => items.map(({ row }) => row.name);
const refusal = async (dataset_id: string, more: object) =>
  (await server.call('search_dataset', { dataset_id, query: '', mode: 'vector', ...more })).body.error;

test('vectors of the data are searched by vectors of the caller, over versions and with rejects', async () => {
  const id = await lake.dataset('directions');
  const points = [
    { name: 'east', embedding: [1, 0] },
    { name: 'north', embedding: [0, 1] },
    { name: 'northeast', embedding: [1, 1] },
    { name: 'nowhere' },
  ];
  await lake.upload(id, 'a.jsonl', lines([...points, { name: 'odd', embedding: [1, 2, 3] }]));
  await lake.commit(id, 'v1');
  const job = await lake.ingest(id, { mapping });
  expect(job).toMatchObject({ state: 'succeeded', counters: { inserted: 4, errors: 1 } });
  expect(await lake.ok('list_rejects', { job_id: job.id })).toMatchObject({
    items: [{ reason: 'bad_vector', column: 'embedding', line: 5, text: { text: '[1,2,3]' } }],
  });
  const by = (vector: number[], more: object = {}) => lake.search(id, '', { mode: 'vector', vector, ...more });
  expect(names((await by([3, 1])).items)).toEqual(['east', 'northeast', 'north']);
  expect(names((await by([0, 2], { filter: { name: { ne: 'north' } } })).items)).toEqual(['northeast', 'east']);
  const first = await by([3, 1], { page_size: 1 });
  expect(names((await by([3, 1], { page_size: 2, page: first.next_page })).items)).toEqual(['northeast', 'north']);
  const hybrid = await lake.search(id, 'north', { mode: 'hybrid', vector: [0, 1] });
  expect(names(hybrid.items)[0]).toBe('north');

  // A change comes on top; its vectors are as long as those before.
  await lake.upload(id, 'b.jsonl', lines([{ name: 'south', embedding: [0, -1] }]));
  await lake.commit(id, 'v2');
  expect(await lake.ingest(id, { mapping, options: { mode: 'incremental' } })).toMatchObject({
    state: 'succeeded',
    metadata: { mode: 'incremental', rows: 5 },
  });
  expect(names((await by([0, -1], { page_size: 1 })).items)).toEqual(['south']);

  // Vectors of another length are another index.
  await lake.upload(id, 'a.jsonl', lines([{ name: 'up', embedding: [0, 0, 1] }]));
  await lake.upload(id, 'b.jsonl', lines([{ name: 'down', embedding: [0, 0, -1] }]));
  await lake.commit(id, 'v3');
  expect(await lake.ingest(id, { mapping, options: { mode: 'incremental' } })).toMatchObject({
    state: 'succeeded',
    metadata: { mode: 'rebuild', rows: 2 },
  });
  expect(names((await by([0, 0, 1])).items)).toEqual(['up', 'down']);
  expect((await refusal(id, { vector: [1, 0] })).message).toBe('The vectors of this index have 3 numbers, not 2.');
  expect((await refusal(id, { vector: [0, 0, 0] })).message).toContain('no direction');
  expect(await refusal(id, { query: 'up' })).toMatchObject({
    code: 'VALIDATION_FAILED',
    suggestion: expect.stringContaining('Give the parameter vector, 3 numbers'),
  });
  expect((await refusal(id, { mode: 'text', vector: [0, 0, 1] })).suggestion).toBe('Set mode to vector or hybrid.');
});

test('a column that holds no vectors is refused, and so is one beside an embedder', async () => {
  const id = await lake.dataset('refused');
  await lake.upload(id, 'a.jsonl', lines([{ name: 'a', n: 1, embedding: [1, 0] }]));
  await lake.commit(id, 'v1');
  const failed = async (wanted: object) => (await lake.ingest(id, { mapping: wanted })).error.message;
  expect(await failed({ vector: 'n' })).toContain('holds no lists of numbers');
  expect(await failed({ vector: 'absent' })).toContain('columns that the data does not have: absent');
  expect(await failed({ vector: 'embedding', text: ['embedding'] })).toContain('the same column as a vector');
  for (const target of ['parquet']) {
    const refused = await server.call('start_ingest', { dataset_id: id, target, mapping: { vector: 'embedding' } });
    expect(refused).toMatchObject({ status: 422, body: { error: { code: 'VALIDATION_FAILED' } } });
  }
});
