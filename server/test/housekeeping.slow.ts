import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fire } from './support/schedule.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);

test('retention forgets jobs and their journal once they are old, and keys past their day', async () => {
  const { db } = server.database;
  const { body: dataset } = await server.call('register_dataset', {
    name: 'old',
    uri: 'tutti://old',
    idempotency_key: 'k',
  });
  const { body: upload } = await server.call('create_presigned_upload', {
    dataset_id: dataset.id,
    object_key: 'a.csv',
  });
  await server.put(upload.url, upload.headers, 'a\n1\n');
  await server.call('commit_dataset_version', { dataset_id: dataset.id, version: 'v1' });
  const ended = [];
  for (let job = 0; job < 2; job += 1) {
    const { body } = await server.call('validate', { dataset_id: dataset.id });
    ended.push((await server.call('job_status', { job_id: body.id, wait_s: 40 })).body.id);
  }
  await sql`update jobs set finished_at = ${daysAgo(31)} where id = ${ended[0]}`.execute(db);
  await sql`update idempotency_keys set created_at = ${daysAgo(2)}`.execute(db);
  await sql`update events set time = ${daysAgo(31)} where subject = ${`job:${ended[0]}`} and seq in (
    select max(seq) from events group by subject)`.execute(db);
  expect(await fire(server, 'retention')).toMatchObject({
    state: 'succeeded',
    metadata: { removed_jobs: 1, removed_idempotency_keys: 1, removed_events: 1 },
  });
  const journal = await sql<{ workflow_uuid: string }>`select workflow_uuid from dbos.workflow_status`.execute(db);
  const kept = journal.rows.map((row) => row.workflow_uuid);
  expect(kept).not.toContain(ended[0]);
  expect(kept).toContain(ended[1]);
  expect(await server.call('job_status', { job_id: ended[0] })).toMatchObject({ status: 404 });
  expect(await server.call('job_status', { job_id: ended[1] })).toMatchObject({ status: 200 });
});

test('retention forgets deliveries and what came in once they are old', async () => {
  const { db } = server.database;
  const { body } = await server.call('put_webhook', { name: 'x', url: 'https://example.com/', enabled: false });
  for (const [id, days] of [
    ['old', 31],
    ['new', 29],
  ] as const) {
    await sql`insert into webhook_deliveries
      (id, webhook_id, event_id, type, subject, toolset, cause, body, created_at)
      values (${id}, ${body.id}, ${id}, 'test', 'test:1', 'lake', '{}', '{}', ${daysAgo(days)})`.execute(db);
    await sql`insert into webhook_attempts (delivery_id, n, ms) values (${id}, 1, 1)`.execute(db);
    await sql`insert into webhook_receipts (webhook_id, message, received_at)
      values (${body.id}, ${id}, ${daysAgo(days - 26)})`.execute(db);
  }
  expect(await fire(server, 'retention')).toMatchObject({ state: 'succeeded', metadata: { removed_deliveries: 1 } });
  const { rows } = await sql`
    select d.id, a.n, r.message from webhook_deliveries d full join webhook_attempts a on a.delivery_id = d.id
    full join webhook_receipts r on r.message = d.id`.execute(db);
  expect(rows).toEqual([{ id: 'new', n: 1, message: 'new' }]);
});

test('the sweep removes uploads that never came and bytes that no upload knows, and nothing else', async () => {
  const { db } = server.database;
  const directory = path.join(server.dataDir, 'objects');
  const { body: dataset } = await server.call('register_dataset', { name: 'swept', uri: 'tutti://swept' });
  const ask = (object_key: string) => server.call('create_presigned_upload', { dataset_id: dataset.id, object_key });
  await ask('never.csv');
  const { body: kept } = await ask('kept.csv');
  await server.put(kept.url, kept.headers, 'a\n1\n');
  await sql`update uploads set expires_at = ${daysAgo(3)} where holder = ${dataset.id}`.execute(db);
  const staging = path.join(directory, 'staging');
  mkdirSync(staging, { recursive: true });
  const [received] = readdirSync(staging);
  for (const name of ['orphan', 'young']) writeFileSync(path.join(staging, name), 'x');
  for (const name of ['orphan', received ?? '']) utimesSync(path.join(staging, name), daysAgo(3), daysAgo(3));

  expect(await fire(server, 'lake-sweep')).toMatchObject({
    state: 'succeeded',
    metadata: { removed_uploads: 1, removed_files: 1, removed_indexes: 0 },
  });
  expect(existsSync(path.join(staging, 'orphan'))).toBe(false);
  expect(existsSync(path.join(staging, 'young'))).toBe(true);
  const { body: objectsNow } = await server.call('list_objects', { dataset_id: dataset.id });
  expect(objectsNow.items).toMatchObject([{ key: 'kept.csv' }]);
});
