import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DeleteObjectsCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createS3Client } from '../src/core/objects/s3-client.ts';
import { expectFailure } from './support/failure.ts';
import { type Lake, lakeOf } from './support/lake.ts';
import { sha256Of } from './support/objects-stage.ts';
import { createBucket, s3Flags } from './support/s3.ts';
import { fire } from './support/schedule.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { makeTempDir } from './support/temp-dir.ts';

const movies = new URL('../data/movies.json', import.meta.resolve('vega-datasets'));
let bucket: Awaited<ReturnType<typeof createBucket>>;
let client: S3Client;
let directory: string;
let server: TestServer;
let lake: Lake;
beforeAll(async () => {
  directory = makeTempDir('lake-s3');
  bucket = await createBucket();
  client = createS3Client(bucket);
  const flags = ['--objects-s3-prefix', 'lake/', '--objects-max-bytes', '2000000'];
  server = await startTestServer([...s3Flags(bucket, directory), ...flags]);
  lake = lakeOf(server);
});
afterAll(async () => {
  await server.stop();
  client.destroy();
  rmSync(directory, { recursive: true });
});

async function keysBelow(prefix: string): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket.bucket, Prefix: prefix }));
  return Contents.map(({ Key = '' }) => Key.slice(prefix.length));
}

test('a real file goes from an upload straight to the bucket to a search hit', async () => {
  const { capabilities } = await lake.ok('list_capabilities', {});
  expect(JSON.stringify(capabilities)).toContain('storage.s3');
  const id = await lake.dataset('movies');
  const bytes = await readFile(movies);
  const { url, headers } = await lake.presign(id, 'raw/movies.json', { size: bytes.length });
  expect(url.startsWith(`${bucket.endpoint}/${bucket.bucket}/lake/staging/up_`)).toBe(true);
  expect(await lake.objects(id)).toEqual([]);
  expect((await server.put(url, headers, bytes)).status).toBe(200);

  const listed = await lake.objects(id);
  expect(listed).toMatchObject([{ key: 'raw/movies.json', size: bytes.length, metadata: { staged: true } }]);
  expect(listed[0].etag).toMatch(/^"[0-9a-f]+"$/);
  const head = await lake.ok('head_object', { dataset_id: id, object_key: 'raw/movies.json' });
  expect(head).not.toHaveProperty('sha256');
  expect(head).toMatchObject({ size: bytes.length, metadata: { staged: true } });

  expect(await lake.commit(id, 'v1')).toMatchObject({ version: 'v1', state: 'staged', bytes: bytes.length });
  const committed = await lake.ok('head_object', { dataset_id: id, object_key: 'raw/movies.json' });
  expect(committed).toMatchObject({ sha256: sha256Of(bytes), metadata: { staged: false } });
  expect(await keysBelow('lake/cas/sha256/')).toEqual([sha256Of(bytes)]);

  const checked = await lake.ended(await lake.ok('validate', { dataset_id: id }));
  expect(checked).toMatchObject({ state: 'succeeded', metadata: { report: { passed: true, version: 'v1' } } });
  expect(await lake.ingest(id)).toMatchObject({ state: 'succeeded', counters: { inserted: 3201, errors: 0 } });
  const { items } = await lake.search(id, 'godfather');
  expect(items[0]).toMatchObject({ object_key: 'raw/movies.json', row: { Title: 'The Godfather' } });

  expect(existsSync(path.join(server.dataDir, 'objects'))).toBe(false);
  const cache = path.join(server.dataDir, 'object-cache');
  expect(readdirSync(cache)).toEqual([sha256Of(bytes)]);
  // What is only a copy may go away at any time.
  rmSync(cache, { recursive: true });
  rmSync(path.join(server.dataDir, 'tables'), { recursive: true });
  expect(await lake.ingest(id, { options: { mode: 'rebuild' } })).toMatchObject({
    state: 'succeeded',
    counters: { inserted: 3201 },
  });
});

test('a version is of what had arrived, and a newer upload of the same key is of the next one', async () => {
  const id = await lake.dataset('versions');
  const [older, newer] = [await lake.presign(id, 'a.csv'), await lake.presign(id, 'a.csv')];
  expect((await server.put(newer.url, newer.headers, 'a\nnewer\n')).status).toBe(200);
  expect((await server.put(older.url, older.headers, 'a\nolder one\n')).status).toBe(200);
  await lake.upload(id, 'b.csv', 'a\nb\n');
  await lake.presign(id, 'never.csv');
  await lake.commit(id, 'v1');
  expect(await lake.objects(id)).toMatchObject([
    { key: 'a.csv', size: 8, metadata: { staged: false, sha256: sha256Of('a\nnewer\n') } },
    { key: 'b.csv', size: 4, metadata: { staged: false } },
  ]);
  await lake.upload(id, 'a.csv', 'a\nthird\n');
  expect(await lake.commit(id, 'v2')).toMatchObject({ version: 'v2', bytes: 12 });
  expect(await lake.ingest(id)).toMatchObject({ counters: { inserted: 2 } });
});

test('a commit that fails takes nothing away, and the next one has it all', async () => {
  const id = await lake.dataset('again');
  await lake.upload(id, 'a.csv', 'a\n1\n');
  await lake.commit(id, 'v1');
  await lake.upload(id, 'a.csv', 'a\n2\n');
  const taken = await server.call('commit_dataset_version', { dataset_id: id, version: 'v1' });
  expectFailure(taken, 409, 'VERSION_CONFLICT');
  expect(await lake.objects(id)).toMatchObject([{ metadata: { staged: true } }]);
  expect(await lake.commit(id, 'v2')).toMatchObject({ version: 'v2' });
});

test('an object above the limit is refused by the commit, until a smaller one replaces it', async () => {
  const id = await lake.dataset('large');
  await lake.upload(id, 'a.csv', randomBytes(2_000_001));
  const refused = await server.call('commit_dataset_version', { dataset_id: id, version: 'v1' });
  expect(expectFailure(refused, 413, 'PAYLOAD_TOO_LARGE').details).toEqual({ object_key: 'a.csv' });
  await lake.upload(id, 'a.csv', 'a\n1\n');
  expect(await lake.commit(id, 'v1')).toMatchObject({ bytes: 4 });
});

test('the sweep forgets URLs that were never used, and nothing that arrived', async () => {
  const id = await lake.dataset('swept');
  await lake.upload(id, 'seen.csv', 'a\n1\n');
  expect(await lake.keys(id)).toEqual(['seen.csv']);
  await lake.upload(id, 'unseen.csv', 'a\n2\n');
  await lake.presign(id, 'never.csv');
  const { db } = server.database;
  await sql`update uploads set expires_at = now() - interval '2 days' where holder = ${id}`.execute(db);
  expect(await fire(server, 'lake-sweep')).toMatchObject({ state: 'succeeded' });
  const { rows } = await sql`select object_key from uploads where holder = ${id} order by 1`.execute(db);
  expect(rows).toEqual([{ object_key: 'seen.csv' }, { object_key: 'unseen.csv' }]);
  expect(await lake.commit(id, 'v1')).toMatchObject({ bytes: 8 });
});

test('a commit of bytes that went away from staging says which, until they are there again', async () => {
  const id = await lake.dataset('staging-gone');
  await lake.upload(id, 'kept.csv', 'a\n1\n');
  const { url, headers } = await lake.presign(id, 'gone.csv');
  await server.put(url, headers, 'a\n2\n');
  expect(await lake.keys(id)).toEqual(['gone.csv', 'kept.csv']);
  const Key = `lake/staging/${/up_[0-9a-z]+/.exec(url)?.[0]}`;
  await client.send(new DeleteObjectsCommand({ Bucket: bucket.bucket, Delete: { Objects: [{ Key }] } }));
  const refused = await server.call('commit_dataset_version', { dataset_id: id, version: 'v1' });
  expect(expectFailure(refused, 404, 'NOT_FOUND').details).toEqual({ object_key: 'gone.csv' });
  await lake.upload(id, 'gone.csv', 'a\n3\n');
  expect(await lake.commit(id, 'v1')).toMatchObject({ bytes: 8 });
});

test('bytes that went away from the bucket are said to be gone', async () => {
  const id = await lake.dataset('gone');
  await lake.upload(id, 'a.csv', 'a\ngone\n');
  await lake.commit(id, 'v1');
  const Objects = [{ Key: `lake/cas/sha256/${sha256Of('a\ngone\n')}` }];
  await client.send(new DeleteObjectsCommand({ Bucket: bucket.bucket, Delete: { Objects } }));
  const job = await lake.ended(await lake.ok('validate', { dataset_id: id }));
  expect(job).toMatchObject({ state: 'failed', error: { code: 'NOT_FOUND' } });
});
