import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../src/core/log.ts';
import { createS3Objects, type S3Objects } from '../src/core/objects/s3.ts';
import { checkS3 } from '../src/core/objects/s3-check.ts';
import { createS3Client, type S3Settings } from '../src/core/objects/s3-client.ts';
import { SettingsError } from '../src/core/settings.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { objectsContract } from './support/objects-contract.ts';
import { contractMaxBytes, type ObjectsStage, stage } from './support/objects-stage.ts';
import { createBucket } from './support/s3.ts';
import { makeTempDir } from './support/temp-dir.ts';

const mebi = 2 ** 20;
const log = createLog('silent');
let bucket: Awaited<ReturnType<typeof createBucket>>;
let directory: string;
beforeAll(async () => {
  bucket = await createBucket();
  directory = makeTempDir('s3');
});
afterAll(() => rmSync(directory, { recursive: true }));

async function openS3(prefix: string): Promise<ObjectsStage & { readonly objects: S3Objects; database: TestDatabase }> {
  const database = await createTestDatabase();
  const objects = createS3Objects({
    ...bucket,
    prefix,
    maxBytes: contractMaxBytes,
    cache: { directory: path.join(directory, `cache-${prefix.replace('/', '')}`), maxBytes: 8 * mebi },
    copyPartBytes: 8 * mebi,
  });
  const close = async () => {
    await objects.close();
    await database.close();
  };
  return { objects, db: database.db, database, close };
}

describe('objects on S3', () => objectsContract(() => openS3('contract/')));

describe('a bucket', () => {
  let one: Awaited<ReturnType<typeof openS3>>;
  let two: Awaited<ReturnType<typeof openS3>>;
  beforeAll(async () => {
    [one, two] = [await openS3('one/'), await openS3('two/')];
  });
  afterAll(() => Promise.all([one.close(), two.close()]));

  test('may be shared by prefixes, which know nothing of each other', async () => {
    const staged = await stage(one, 'of one');
    await one.objects.pin(staged);
    expect(await two.objects.head(staged.sha256)).toBeUndefined();
    expect(await two.objects.list({ limit: 10 })).toEqual({ items: [], next: undefined });
    expect(await two.objects.listStaged(new Date(Date.now() + 60_000))).toEqual([]);
    const handle = await one.objects.beginParts({ id: 'up_1', contentType: 'text/csv' });
    expect(await two.objects.abortStaleParts(new Date(Date.now() + 60_000))).toBe(0);
    expect(await one.objects.listParts('up_1', handle)).toEqual([]);
  });

  test('has nothing pinned that changed after it was read', async () => {
    const staged = await stage(one, 'what was read');
    const client = createS3Client(bucket);
    const Key = `one/staging/${staged.stagingKey}`;
    await client.send(new PutObjectCommand({ Bucket: bucket.bucket, Key, Body: 'what is there' }));
    client.destroy();
    await expect(one.objects.pin(staged)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await one.objects.head(staged.sha256)).toBeUndefined();
  });

  test('gives no engine bytes that are not what was pinned', async () => {
    const staged = await stage(one, 'undamaged');
    await one.objects.pin(staged);
    const client = createS3Client(bucket);
    const Key = `one/cas/sha256/${staged.sha256}`;
    await client.send(new PutObjectCommand({ Bucket: bucket.bucket, Key, Body: 'damaged..' }));
    client.destroy();
    await expect(one.objects.localFile(staged.sha256)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(readdirSync(path.join(directory, 'cache-one'))).not.toContain(staged.sha256);
  });

  test('is asked once for a file that many want at once', async () => {
    const staged = await stage(one, 'wanted');
    await one.objects.pin(staged);
    const files = await Promise.all(Array.from({ length: 5 }, () => one.objects.localFile(staged.sha256)));
    expect(new Set(files.map((file) => file.path)).size).toBe(1);
    for (const file of files) file.release();
    await one.objects.remove(staged.sha256);
    expect((await one.objects.localFile(staged.sha256)).path).toBe(files[0]?.path);
  });

  test('that goes away is said so, with the words of the network apart from ours', async () => {
    const gone = createS3Objects({
      ...bucket,
      endpoint: 'http://127.0.0.1:9',
      maxBytes: 1,
      cache: { directory: path.join(directory, 'none'), maxBytes: 1 },
    });
    const failure = { code: 'UNAVAILABLE', details: { cause: { untrusted: true } } };
    await expect(gone.head('0'.repeat(64))).rejects.toMatchObject(failure);
    await expect(gone.arrived('up_1')).rejects.toMatchObject(failure);
    await gone.close();
  });
});

describe('the check at the start', () => {
  const check = (change: Partial<S3Settings>) => checkS3({ ...bucket, prefix: 'checked/', ...change }, true, log);
  const credentials = (more: object) => ({
    ...(bucket.credentials as { accessKeyId: string; secretAccessKey: string }),
    ...more,
  });

  test('passes a store with conditional writes, and leaves nothing there', async () => {
    await check({});
    const client = createS3Client(bucket);
    const { KeyCount } = await client.send(new ListObjectsV2Command({ Bucket: bucket.bucket, Prefix: 'checked/' }));
    client.destroy();
    expect(KeyCount).toBe(0);
  });

  test.each([
    ['a wrong secret', () => ({ credentials: credentials({ secretAccessKey: 'no' }) }), 'objects.s3_secret_key'],
    ['an unknown access key', () => ({ credentials: credentials({ accessKeyId: 'nobody' }) }), 'objects.s3_access_key'],
    ['a missing bucket', () => ({ bucket: 'there-is-none' }), 'make it, or correct objects.s3_bucket'],
    ['a closed port', () => ({ endpoint: 'http://127.0.0.1:9' }), 'check objects.s3_endpoint'],
  ])('says of %s what to do', async (_what, change, sentence) => {
    const failed = await check(change()).catch((error: Error) => error);
    expect(failed).toBeInstanceOf(SettingsError);
    expect((failed as Error).message).toContain(sentence);
    expect(String(failed)).not.toContain(bucket.credentials?.secretAccessKey);
  });
});
