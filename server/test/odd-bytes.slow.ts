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

/** Uploads bytes as the one object of a dataset, and commits them. */
async function committed(name: string, key: string, bytes: string): Promise<string> {
  const id = await lake.dataset(name);
  await lake.upload(id, key, Buffer.from(bytes, 'latin1'));
  await lake.commit(id, 'v1');
  return id;
}

test.each([
  ['csv', 'id,te\0xt\n1,good\0one\n'],
  ['jsonl', '{"id":1,"te\\u0000xt":"good\\u0000one"}\n'],
])('%s whose names and values hold NUL is validated, ingested and found', async (ending, bytes) => {
  const id = await committed(`nul-${ending}`, `a.${ending}`, bytes);
  const job = await lake.ended(await lake.ok('validate', { dataset_id: id }));
  expect(job).toMatchObject({ state: 'succeeded', metadata: { report: { passed: true } } });
  expect(await lake.ingest(id)).toMatchObject({ state: 'succeeded', counters: { inserted: 1 } });
  expect((await lake.search(id, 'good')).items).toHaveLength(1);
});

test.each([
  ['csv', '\0\xff,"\n'],
  ['csv', 'id,text\n1,"a\0\n'],
  ['jsonl', '{"id":1}\n{"a\0'],
  ['jsonl', '{"id":1}\n{"text":"\\ud800'],
])('%s with rows that hold NUL and cannot be read ends with a report: %j', async (ending, bytes) => {
  const id = await committed(`broken-${Math.random()}`, `a.${ending}`, bytes);
  const job = await lake.ended(await lake.ok('validate', { dataset_id: id }));
  expect(job).toMatchObject({
    state: 'succeeded',
    metadata: { report: { failed_rules: expect.arrayContaining(['readable']) } },
  });
  const ingest = await lake.ingest(id);
  expect(JSON.stringify([job, ingest])).not.toMatch(/"code":"(INTERNAL|ENGINE_LOST)"|beneath/);
  expect(ingest.state === 'succeeded' || ingest.error.code === 'NO_READABLE_OBJECTS', JSON.stringify(ingest)).toBe(
    true,
  );
});
