import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lake, lakeOf } from './support/lake.ts';
import { policiesOf, table } from './support/policies.ts';
import { createBucket, s3Flags } from './support/s3.ts';
import { fire } from './support/schedule.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { makeTempDir } from './support/temp-dir.ts';

let directory: string;
let server: TestServer;
let lake: Lake;
let policies: ReturnType<typeof policiesOf>;
beforeAll(async () => {
  directory = makeTempDir('policies-s3');
  server = await startTestServer(s3Flags(await createBucket(), directory));
  lake = lakeOf(server);
  policies = policiesOf(lake);
});
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true });
});

test('with scope object, what went past us to the bucket is found by the next look, and parts when they are completed', async () => {
  const id = await lake.dataset('objects');
  await policies.set(id, 'busy-beaver', { scope: 'object', debounce_ms: 0 });
  await lake.upload(id, 'a.csv', table(['ant']));
  expect((await lake.ok('get_dataset', { dataset_id: id })).version).toBeUndefined();
  expect(await fire(server, 'lake-reconcile')).toMatchObject({ state: 'succeeded' });
  const { served_version: first } = await policies.until(id, { state: 'served' });
  expect(first).toMatch(/^auto-/);
  expect((await lake.search(id, 'ant')).items).toHaveLength(1);

  const begun = await lake.ok('create_multipart_upload', { dataset_id: id, object_key: 'b.csv', part_size: 5_242_880 });
  const [{ url, headers }] = begun.parts;
  const answer = await fetch(url, { method: 'PUT', headers, body: table(['bee']) });
  expect(answer.status).toBe(200);
  const parts = [{ part_number: 1, etag: answer.headers.get('etag') }];
  await lake.ok('complete_multipart_upload', { upload_id: begun.upload_id, parts });
  for (let served = first; served === first; ) ({ served_version: served } = await policies.target(id));
  expect((await lake.search(id, 'bee')).items).toHaveLength(1);
  const jobs = await policies.quiet(id);
  expect(jobs.filter(({ kind }) => kind === 'lake.commit_uploads')).toHaveLength(2);
});
