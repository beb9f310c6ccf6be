import { rmSync } from 'node:fs';
import path from 'node:path';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError, envelope, errorRow } from '../src/core/errors.ts';
import { openKeys } from '../src/core/keys.ts';
import { createDiskObjects } from '../src/core/objects/disk.ts';
import { createDownloads } from '../src/surfaces/downloads.ts';
import { listen } from '../src/surfaces/listen.ts';
import { createUploads } from '../src/surfaces/uploads.ts';
import { createTestDatabase } from './support/database.ts';
import { objectsContract } from './support/objects-contract.ts';
import { contractMaxBytes, type ObjectsStage, stage } from './support/objects-stage.ts';
import { raw } from './support/raw.ts';
import { makeTempDir } from './support/temp-dir.ts';

async function openDisk(): Promise<ObjectsStage> {
  const directory = makeTempDir('objects');
  const database = await createTestDatabase();
  let url = '';
  const objects = createDiskObjects({
    directory: path.join(directory, 'objects'),
    keys: openKeys(path.join(directory, 'keys')),
    maxBytes: contractMaxBytes,
    baseUrl: () => url,
  });
  const app = new Hono();
  app.onError((error, c) => {
    if (!(error instanceof AppError)) throw error;
    return c.json(envelope(error), errorRow(error.code).http as 400);
  });
  app.route('/', createUploads(objects, database.db));
  app.route('/', createDownloads(objects));
  const listener = await listen(app.fetch, '127.0.0.1', 0);
  url = listener.url;
  return {
    objects,
    db: database.db,
    async close() {
      await listener.close();
      await database.close();
      rmSync(directory, { recursive: true });
    },
  };
}

describe('objects on disk', () => objectsContract(openDisk));

describe('a download that Tutti serves', () => {
  let the: ObjectsStage;
  let url: string;
  let etag: string;
  beforeAll(async () => {
    the = await openDisk();
    const staged = await stage(the, '0123456789');
    await the.objects.pin(staged);
    etag = `"${staged.sha256}"`;
    const expiresAt = new Date(Date.now() + 60_000);
    const target = { sha256: staged.sha256, name: 'a.html', contentType: 'text/html', expiresAt };
    ({ url } = await the.objects.presignDownload(target));
  });
  afterAll(() => the.close());

  test('is shown by no browser', async () => {
    const { headers } = await raw(url);
    expect(headers).toMatchObject({
      'content-disposition': 'attachment; filename="a.html"',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      etag,
    });
  });

  test('answers HEAD as GET, without the bytes', async () => {
    const answer = await raw(url, { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 200, text: '', headers: { 'content-length': '10', etag } });
    const part = await raw(url, { method: 'HEAD', headers: { range: 'bytes=-4' } });
    expect(part).toMatchObject({
      status: 206,
      text: '',
      headers: { 'content-length': '4', 'content-range': 'bytes 6-9/10' },
    });
  });

  test('is not sent again to who has it', async () => {
    expect(await raw(url, { headers: { 'if-none-match': etag } })).toMatchObject({ status: 304, text: '' });
    const range = { range: 'bytes=0-1' };
    expect(await raw(url, { headers: { ...range, 'if-range': etag } })).toMatchObject({ status: 206, text: '01' });
    expect(await raw(url, { headers: { ...range, 'if-range': '"other"' } })).toMatchObject({ status: 200 });
  });

  test.each(['bytes=', 'bytes=-', 'bytes=4-2', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=a-b', 'bytes=1-2x'])(
    'comes whole when %s is asked',
    async (range) => {
      expect(await raw(url, { headers: { range } })).toMatchObject({ status: 200, text: '0123456789' });
    },
  );

  test.each(['bytes=10-', 'bytes=99-100', 'bytes=-0'])('has no %s', async (range) => {
    const answer = await raw(url, { headers: { range } });
    expect(answer).toMatchObject({ status: 416, text: '', headers: { 'content-range': 'bytes */10' } });
  });
});
