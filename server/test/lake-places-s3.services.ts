import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createS3Client } from '../src/core/objects/s3-client.ts';
import { expectFailure } from './support/failure.ts';
import { lakeOf } from './support/lake.ts';
import { createBucket, s3Flags } from './support/s3.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { makeTempDir } from './support/temp-dir.ts';

const mebi = 2 ** 20;
let bucket: Awaited<ReturnType<typeof createBucket>>;
let keys: string;
beforeAll(async () => {
  bucket = await createBucket();
  keys = makeTempDir('s3-keys');
});
afterAll(() => rmSync(keys, { recursive: true, force: true }));

/** A server that reads the bucket below data/, with its own objects on disk or in another bucket. */
async function serve(own: 'disk' | 's3'): Promise<TestServer> {
  const file = (name: string, text = '') => {
    writeFileSync(path.join(keys, name), text, { mode: 0o600 });
    return `file:${path.join(keys, name)}`;
  };
  return startTestServer([
    ...['--lake-roots', `s3://${bucket.bucket}/data/`, '--lake-s3-endpoint', bucket.endpoint],
    ...['--lake-s3-access-key', file('place-key', bucket.credentials?.accessKeyId)],
    ...['--lake-s3-secret-key', file('place-secret', bucket.credentials?.secretAccessKey)],
    ...(own === 's3' ? s3Flags(await createBucket(), keys) : []),
  ]);
}

describe.each(['disk', 's3'] as const)('a dataset in a bucket of its own, with our objects on %s', (own) => {
  let server: TestServer;
  let lake: ReturnType<typeof lakeOf>;
  beforeAll(async () => {
    server = await serve(own);
    lake = lakeOf(server);
  });
  afterAll(() => server.stop());

  const put = async (key: string, body: string) => {
    const client = createS3Client(bucket);
    await client.send(new PutObjectCommand({ Bucket: bucket.bucket, Key: key, Body: body }));
    client.destroy();
  };
  const remove = async (key: string) => {
    const client = createS3Client(bucket);
    await client.send(new DeleteObjectCommand({ Bucket: bucket.bucket, Key: key }));
    client.destroy();
  };
  const textOf = async (dataset_id: string, object_key: string, version: string) => {
    const { url } = await lake.ok('create_presigned_download', { dataset_id, object_key, version });
    return (await fetch(url)).text();
  };

  test('is committed as it is, and its versions keep their bytes', async () => {
    await put('data/cats/one.csv', 'name\ncat\n');
    await put('data/cats/deep/two.csv', 'name\ncat two\n');
    await put('data/cats/empty.txt', '');
    await put('data/cats/', '');
    await put('data/catsandmore/no.csv', 'name\nno\n');
    await put('secret/no.csv', 'name\nsecret\n');
    const uri = `s3://${bucket.bucket}/data/cats/`;
    const { id } = await lake.ok('register_dataset', { name: `cats-${own}`, uri });
    expect(await lake.commit(id, 'v1')).toMatchObject({ version: 'v1', bytes: 22 });
    expect(await lake.keys(id)).toEqual(['deep/two.csv', 'empty.txt', 'one.csv']);
    await put('data/cats/one.csv', 'name\nother\n');
    await remove('data/cats/deep/two.csv');
    expect(await lake.ingest(id)).toMatchObject({ state: 'succeeded', counters: { inserted: 2 } });
    expect(await textOf(id, 'one.csv', 'v1')).toBe('name\ncat\n');
    await lake.commit(id, 'v2');
    expect(await textOf(id, 'one.csv', 'v2')).toBe('name\nother\n');
    expect((await lake.ok('diff_versions', { dataset_id: id, from: 'v1' })).items).toMatchObject([
      { key: 'deep/two.csv', change: 'removed' },
      { key: 'one.csv', change: 'changed' },
    ]);
  });

  test('of very many objects is committed by a job', async () => {
    for (let at = 0; at < 250; at += 50) {
      await Promise.all(
        Array.from({ length: 50 }, (_, one) => put(`data/many/f${at + one}.txt`, `object ${at + one}`)),
      );
    }
    const uri = `s3://${bucket.bucket}/data/many/`;
    const { id } = await lake.ok('register_dataset', { name: `many-${own}`, uri });
    const { metadata } = await lake.ok('commit_dataset_version', { dataset_id: id, version: 'v1' });
    expect(await lake.ended({ id: metadata.job_id })).toMatchObject({ state: 'succeeded', metadata: { objects: 250 } });
    expect(await textOf(id, 'f249.txt', 'v1')).toBe('object 249');
  });

  test('is below a root, or it is refused', async () => {
    for (const uri of [
      `s3://${bucket.bucket}/`,
      `s3://${bucket.bucket}/secret/`,
      `s3://${bucket.bucket}/data/../secret/`,
      `s3://${bucket.bucket}/database/`,
      's3://other-bucket/data/',
    ]) {
      expectFailure(await server.call('register_dataset', { name: 'refused', uri }), 422, 'URI_NOT_ALLOWED');
    }
  });
});

test('an upload in parts goes to the bucket, is committed, downloaded, and collected', async () => {
  const server = await serve('s3');
  try {
    const lake = lakeOf(server);
    const dataset_id = await lake.dataset('parts');
    const bytes = randomBytes(5 * mebi + 10);
    const { upload_id, parts } = await lake.ok('create_multipart_upload', {
      dataset_id,
      object_key: 'big.bin',
      size: bytes.length,
      part_size: 5 * mebi,
    });
    const etags: string[] = [];
    for (const [at, part] of parts.entries()) {
      const body = new Uint8Array(bytes.subarray(at * 5 * mebi, (at + 1) * 5 * mebi));
      const sent = await fetch(part.url, { method: 'PUT', headers: part.headers, body });
      expect(sent.status).toBe(200);
      etags.push(sent.headers.get('etag') ?? '');
    }
    const listed = await lake.ok('list_upload_parts', { upload_id });
    expect(listed.items.map((part: { etag: string }) => part.etag)).toEqual(
      etags.map((etag) => etag.replaceAll('"', '')),
    );
    const wanted = etags.map((etag, at) => ({ part_number: at + 1, etag }));
    const done = await lake.ok('complete_multipart_upload', { upload_id, parts: wanted });
    expect(await lake.ok('complete_multipart_upload', { upload_id, parts: wanted })).toEqual(done);
    await lake.commit(dataset_id, 'v1');
    const { url } = await lake.ok('create_presigned_download', { dataset_id, object_key: 'big.bin' });
    const got = await fetch(url);
    expect(got.headers.get('content-disposition')).toContain('attachment');
    expect(Buffer.from(await got.arrayBuffer()).equals(bytes)).toBe(true);

    await lake.ok('remove_dataset_object', { dataset_id, object_key: 'big.bin' });
    await lake.commit(dataset_id, 'v2');
    await lake.ok('delete_version', { dataset_id, version: 'v1' });
    const job = await lake.ended(await lake.ok('collect_garbage', { dry_run: false, older_than_days: 0 }));
    expect(job.metadata.report).toMatchObject({ manifests: { count: 1 }, objects: { count: 1, bytes: bytes.length } });
    expect((await fetch(url)).status).toBe(404);
  } finally {
    await server.stop();
  }
});
