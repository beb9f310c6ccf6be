import { createReadStream } from 'node:fs';
import { appendFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { beforeAll, expect, test } from 'vitest';
import type { ObjectStore } from '../../src/core/objects/object-store.ts';
import { contractMaxBytes, type ObjectsStage, sha256Of } from './objects-stage.ts';
import { makeTempDir } from './temp-dir.ts';

/** What bytes of our own become that are not uploaded but copied from here. */
export function stagingContract(the: () => ObjectsStage): void {
  let objects: ObjectStore;
  let directory: string;
  beforeAll(() => {
    objects = the().objects;
    directory = makeTempDir('staging');
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['a few bytes', Buffer.from('a,b\n1,2\n')],
    ['megabytes', Buffer.alloc(7_000_001, 'abc')],
  ])('a file of %s is staged as it is, and pinned', async (what, bytes) => {
    const file = path.join(directory, what);
    await writeFile(file, bytes);
    const done = await objects.stage('place', { path: file });
    expect(done).toMatchObject({ size: bytes.length, sha256: sha256Of(bytes) });
    // What becomes of the file does not matter any more.
    await appendFile(file, 'more');
    expect(await objects.identify(done.stagingKey)).toEqual(done);
    await objects.pin(done);
    await objects.discard(done.stagingKey);
    expect((await buffer(await objects.read(done.sha256))).equals(bytes)).toBe(true);
  });

  test('a stream is staged when it has just the bytes that it was said to have', async () => {
    const done = await objects.stage('place', { body: Readable.from([Buffer.from('ab'), Buffer.from('c')]), size: 3 });
    expect(done).toMatchObject({ size: 3, sha256: sha256Of('abc') });
    for (const size of [2, 4]) {
      const staging = objects.stage('place', { body: Readable.from([Buffer.from('abc')]), size });
      await expect(staging).rejects.toThrow();
    }
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('a');
        throw new Error('the source broke');
      })(),
    );
    await expect(objects.stage('place', { body: broken, size: 3 })).rejects.toThrow();
    expect((await objects.stage('place', { body: Readable.from([]), size: 0 })).sha256).toBe(sha256Of(''));
  });

  test('more than an object may have is refused', async () => {
    const file = path.join(directory, 'large');
    await writeFile(file, Buffer.alloc(contractMaxBytes + 1));
    await expect(objects.stage('place', { path: file })).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    const body = createReadStream(file);
    await expect(objects.stage('place', { body, size: contractMaxBytes + 1 })).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
    });
  });
}
