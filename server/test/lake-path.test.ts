import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lakeOf } from './support/lake.ts';
import { fire } from './support/schedule.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const movies = new URL('../data/movies.json', import.meta.resolve('vega-datasets'));

test('a real file goes from upload to a search hit', async () => {
  const { body: dataset } = await server.call('register_dataset', { name: 'movies', uri: 'tutti://movies' });
  expect(dataset).toMatchObject({ name: 'movies', state: 'registered', tags: [], policies: [] });
  const bytes = await readFile(movies);
  const { body: upload } = await server.call('create_presigned_upload', {
    dataset_id: dataset.id,
    object_key: 'raw/movies.json',
    size: bytes.length,
  });
  expect(await server.put(upload.url, upload.headers, bytes)).toMatchObject({ status: 200 });
  const { body: listed } = await server.call('list_objects', { dataset_id: dataset.id });
  expect(listed.items).toMatchObject([{ key: 'raw/movies.json', size: bytes.length, metadata: { staged: true } }]);
  const { body: committed } = await server.call('commit_dataset_version', { dataset_id: dataset.id, version: 'v1' });
  expect(committed).toMatchObject({ version: 'v1', state: 'staged', bytes: bytes.length });

  const { body: check } = await server.call('validate', { dataset_id: dataset.id });
  const { body: checked } = await server.call('job_status', { job_id: check.id, wait_s: 40 });
  expect(checked).toMatchObject({ state: 'succeeded', metadata: { report: { passed: true, version: 'v1' } } });

  const { body: job } = await server.call('start_ingest', { dataset_id: dataset.id, target: 'lance' });
  expect(job).toMatchObject({ kind: 'lake.ingest', state: 'queued', dataset_id: dataset.id });
  const { body: done } = await server.call('job_status', { job_id: job.id, wait_s: 40 });
  expect(done).toMatchObject({ state: 'succeeded', progress: 1, counters: { inserted: 3201, errors: 0 } });

  const { body: found } = await server.call('search_dataset', {
    dataset_id: dataset.id,
    query: 'godfather',
    page_size: 2,
  });
  expect(found.served_version).toBe('v1');
  expect(found.items[0]).toMatchObject({ object_key: 'raw/movies.json', row: { Title: 'The Godfather' } });
  const { body: next } = await server.call('search_dataset', {
    dataset_id: dataset.id,
    query: 'godfather',
    page_size: 2,
    page: found.next_page,
  });
  const ids = new Set([...found.items, ...next.items].map((item: { id: string }) => item.id));
  expect(ids.size).toBe(found.items.length + next.items.length);
});

test('a canceled ingest leaves the dataset in order, and its half-built index goes a day later', async () => {
  const lake = lakeOf(server);
  const id = await lake.dataset('canceled');
  const line = `${'word '.repeat(20)}\n`;
  await lake.upload(id, 'big.csv', `text\n${line.repeat(300_000)}`);
  await lake.commit(id, 'v1');
  const job = await lake.ok('start_ingest', { dataset_id: id, target: 'lance' });
  for (let status = job; status.counters.inserted === 0; ) status = await lake.ok('job_status', { job_id: job.id });
  expect(await lake.ok('cancel_job', { job_id: job.id, reason: 'enough' })).toMatchObject({ canceled: true });
  expect(await lake.ended(job)).toMatchObject({ state: 'canceled', metadata: { cancel_reason: 'enough' } });
  expect(await lake.ok('get_dataset', { dataset_id: id })).toMatchObject({ state: 'failed' });
  const { rows } = await sql`select state from dataset_indexes where dataset_id = ${id}`.execute(server.database.db);
  expect(rows).toEqual([{ state: 'resumable' }]);

  await lake.upload(id, 'big.csv', 'text\nlittle\n');
  await lake.commit(id, 'v2');
  expect(await lake.ingest(id)).toMatchObject({ state: 'succeeded', counters: { inserted: 1 } });
  expect(readdirSync(path.join(server.dataDir, 'indexes', id))).toHaveLength(2);
  await sql`update dataset_indexes set updated_at = now() - interval '25 hours' where state = 'resumable'`.execute(
    server.database.db,
  );
  expect(await fire(server, 'lake-sweep')).toMatchObject({ state: 'succeeded' });
  expect(readdirSync(path.join(server.dataDir, 'indexes', id))).toHaveLength(1);
});
