import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { openKeys } from '../keys.ts';
import { createDiskObjects, type DiskObjects } from './disk.ts';
import type { UploadTarget } from './object-store.ts';

const base = mkdtempSync(path.join(tmpdir(), 'tutti-objects-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const keys = openKeys(path.join(base, 'keys'));

let directory: string;
let objects: DiskObjects;
beforeEach(() => {
  directory = mkdtempSync(path.join(base, 'store-'));
  objects = createDiskObjects({ directory, keys, maxBytes: 10, baseUrl: () => 'http://127.0.0.1:1' });
});

const target = (more: Partial<UploadTarget> = {}): UploadTarget => ({
  id: 'up_1',
  contentType: 'text/csv; charset=utf-8',
  size: undefined,
  expiresAt: new Date(Date.now() + 60_000),
  ...more,
});
async function* body(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}
const hashOf = (content: string) => createHash('sha256').update(content).digest('hex');
const files = () =>
  existsSync(directory)
    ? readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)).split(path.sep)[0])
    : [];

describe('what is received', () => {
  test('is staged under a key of its own, with size and hash', async () => {
    const [a, b] = [await objects.receive(target(), body('ab', 'c')), await objects.receive(target(), body('abc'))];
    expect(a).toMatchObject({ size: 3, sha256: hashOf('abc') });
    expect(b).toMatchObject({ size: 3, sha256: hashOf('abc') });
    expect(a.stagingKey).not.toBe(b.stagingKey);
    expect(files()).toEqual(['staging', 'staging']);
  });

  test.each([
    ['too long', { size: 3 }, ['ab', 'cd']],
    ['too short', { size: 3 }, ['ab']],
    ['larger than any object may be', {}, ['12345', '678901']],
  ])('but is %s leaves nothing behind', async (_what, more, parts) => {
    const received = objects.receive(target(more), body(...parts));
    await expect(received).rejects.toMatchObject({ code: 'UPLOAD_SIZE_MISMATCH' });
    expect(files()).toEqual([]);
  });

  test('but was cut off leaves nothing behind', async () => {
    async function* cut(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('ab');
      throw new Error('the connection was lost');
    }
    await expect(objects.receive(target(), cut())).rejects.toThrow('lost');
    expect(files()).toEqual([]);
  });

  test('may be nothing', async () => {
    expect(await objects.receive(target({ size: 0 }), body())).toMatchObject({ size: 0, sha256: hashOf('') });
  });
});

test('what a crash left half written is in no way of what comes after', async () => {
  mkdirSync(path.join(directory, 'staging'), { recursive: true });
  writeFileSync(path.join(directory, 'staging', 'up_1-half'), 'ab');
  const staged = await objects.receive(target({ size: 3 }), body('abc'));
  await objects.pin(staged);
  expect(readFileSync((await objects.localFile(hashOf('abc'))).path, 'utf8')).toBe('abc');
  expect(readFileSync(path.join(directory, 'staging', 'up_1-half'), 'utf8')).toBe('ab');
});

describe('a presigned URL', () => {
  const query = (more?: Partial<UploadTarget>) => new URL(objects.urls.upload(target(more)).url).searchParams;

  test('says again what it was made for', () => {
    const wanted = target({ size: 7, contentType: 'text/plain; a=b' });
    const { url, headers } = objects.urls.upload(wanted);
    expect(headers).toEqual({ 'content-type': 'text/plain; a=b', 'content-length': '7' });
    const { pathname, searchParams } = new URL(url);
    expect(pathname).toBe('/objects/uploads/up_1');
    const verified = objects.urls.verifyUpload('up_1', searchParams);
    expect(verified).toMatchObject({ id: 'up_1', size: 7, contentType: 'text/plain; a=b' });
    expect(verified.expiresAt.getTime()).toBeGreaterThanOrEqual(wanted.expiresAt.getTime());
    expect(objects.urls.verifyUpload('up_1', query()).size).toBeUndefined();
  });

  test('holds until it expires', () => {
    const at = (ms: number) => query({ expiresAt: new Date(Date.now() + ms) });
    expect(() => objects.urls.verifyUpload('up_1', at(-1001))).toThrow('expired');
    expect(objects.urls.verifyUpload('up_1', at(60_000)).id).toBe('up_1');
  });

  test.each(['type', 'size', 'expires', 'signature'])('with another %s does not hold', (name) => {
    for (const value of ['', '0', '8', 'text/html', '99999999999', 'k1.AAAA', undefined]) {
      const changed = query({ size: 7 });
      if (value === undefined) changed.delete(name);
      else changed.set(name, value);
      expect(() => objects.urls.verifyUpload('up_1', changed), String(value)).toThrow('signature');
    }
  });

  test('holds for its upload, and for this server alone', () => {
    expect(() => objects.urls.verifyUpload('up_2', query())).toThrow('signature');
    const other = createDiskObjects({
      directory,
      keys: openKeys(`${base}/other`),
      maxBytes: 1,
      baseUrl: () => 'http://x',
    });
    expect(() => other.urls.verifyUpload('up_1', query())).toThrow('signature');
  });

  test('made without a size cannot be given one', () => {
    for (const size of ['', 'any', 'null', '1', 'NaN']) {
      const changed = query();
      changed.set('size', size);
      expect(() => objects.urls.verifyUpload('up_1', changed), size).toThrow('signature');
    }
  });

  test('for one thing is none for another', async () => {
    const expiresAt = new Date(Date.now() + 60_000);
    const part = new URL(objects.urls.part({ id: 'up_1', handle: 'h', number: 1, size: 1, expiresAt }).url)
      .searchParams;
    const file = new URL(objects.urls.download({ sha256: 'up_1', name: '', contentType: '', expiresAt }).url)
      .searchParams;
    for (const foreign of [part, file]) expect(() => objects.urls.verifyUpload('up_1', foreign)).toThrow('signature');
    expect(() => objects.urls.verifyDownload('up_1', query())).toThrow('signature');
    expect(() => objects.urls.verifyPart({ id: 'up_1', handle: 'h', number: 2 }, part)).toThrow('signature');
    expect(objects.urls.verifyPart({ id: 'up_1', handle: 'h', number: 1 }, part)).toMatchObject({ size: 1 });
  });
});

test('a part that broke off leaves nothing behind', async () => {
  const handle = await objects.beginParts({ id: 'up_1', contentType: 'text/csv' });
  const part = { id: 'up_1', handle, number: 1, expiresAt: new Date() };
  async function* cut(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('ab');
    throw new Error('the connection was lost');
  }
  await expect(objects.receivePart({ ...part, size: 3 }, cut())).rejects.toThrow('lost');
  await expect(objects.receivePart({ ...part, size: 3 }, body('ab'))).rejects.toMatchObject({
    code: 'UPLOAD_SIZE_MISMATCH',
  });
  await expect(objects.receivePart({ ...part, size: 1 }, body('ab'))).rejects.toMatchObject({
    code: 'UPLOAD_SIZE_MISMATCH',
  });
  expect(files()).toEqual([]);
});

test('a body without an end is given up at the limit', async () => {
  let given = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      given += 1;
      yield Buffer.alloc(4);
    }
  }
  await expect(objects.receive(target(), endless())).rejects.toMatchObject({ code: 'UPLOAD_SIZE_MISMATCH' });
  expect(given).toBeLessThan(10_000);
});
