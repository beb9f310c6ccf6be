import { gzipSync } from 'node:zlib';
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

const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

test.each([150, 3000, 50_000])('values that are nested %i times harm nobody', async (depth) => {
  const id = await lake.dataset(`nested-${depth}`);
  await lake.upload(id, 'a.ndjson', `${nested(depth)}\n{"a":{"b":"plain"}}\n`);
  await lake.commit(id, 'v1');
  for (const target of ['lance', 'postgres']) {
    expect(await lake.ingest(id, { target })).toMatchObject({ state: 'succeeded' });
    const { items } = await lake.search(id, '', { target });
    const rows = items.map(({ row }: { row: { a: unknown } }) => row.a);
    expect(rows).toContainEqual({ b: 'plain' });
    for (const row of rows) {
      if (JSON.stringify(row).includes('plain')) continue;
      if (depth < 200) expect(JSON.stringify({ a: row })).toBe(nested(depth));
      else expect(row, 'as text').toBe(nested(depth).slice('{"a":'.length, -1));
    }
  }
  const { status, body } = await server.call('query_dataset', { dataset_id: id, sql: 'SELECT a FROM dataset' });
  expect({ status, rows: body.rows?.length > 0 }).toEqual({ status: 200, rows: true });
  expect(await lake.ended(await lake.ok('profile_dataset', { dataset_id: id }))).toMatchObject({ state: 'succeeded' });
});

test('an object that cannot be unpacked is named among others', async () => {
  const id = await lake.dataset('gzip');
  for (const name of ['a', 'b', 'c']) {
    const bytes = gzipSync(`n\n${'1\n'.repeat(5000)}`);
    await lake.upload(id, `${name}.csv.gz`, name === 'b' ? bytes.subarray(0, bytes.length - 12) : bytes);
  }
  await lake.commit(id, 'v1');
  const { error } = await lake.ended(await lake.ok('validate', { dataset_id: id }));
  expect(error).toMatchObject({ code: 'ENGINE_FAILED', details: { object: 'b.csv.gz' } });
});

test('an answer of SQL that nobody could read back fails alone', async () => {
  const id = await lake.dataset('sql');
  await lake.upload(id, 'a.csv', 'a\n1\n');
  await lake.commit(id, 'v1');
  for (const depth of [90, 900, 5000]) {
    const sql = `SELECT ${'['.repeat(depth)}1${']'.repeat(depth)} AS deep`;
    const { status } = await server.call('query_dataset', { dataset_id: id, sql });
    expect([200, 422]).toContain(status);
  }
  expect((await lake.ok('query_dataset', { dataset_id: id, sql: 'SELECT 1' })).rows).toEqual([[1]]);
});
