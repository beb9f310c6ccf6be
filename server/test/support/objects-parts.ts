import { randomBytes } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { newId } from '../../src/core/ids.ts';
import type { ObjectStore } from '../../src/core/objects/object-store.ts';
import { changed, inAMinute, mebi, type ObjectsStage, put, sha256Of } from './objects-stage.ts';

/** What an upload in parts does. */
export function partsContract(the: () => ObjectsStage): void {
  let objects: ObjectStore;
  beforeAll(() => {
    objects = the().objects;
  });
  const part = async (id: string, handle: string, number: number, body: Buffer) => {
    const request = await objects.presignPart({ id, handle, number, size: body.length, expiresAt: inAMinute() });
    return put(request, body);
  };
  const begin = async () => {
    const id = newId('up');
    return { id, handle: await objects.beginParts({ id, contentType: 'text/csv' }) };
  };
  const [one, two, three] = [randomBytes(5 * mebi), randomBytes(5 * mebi), randomBytes(100)];

  test('becomes one object, also when some parts came later or twice', async () => {
    const { id, handle } = await begin();
    expect(await objects.listParts(id, handle)).toEqual([]);
    expect((await part(id, handle, 1, one)).status).toBe(200);
    expect((await part(id, handle, 3, three)).status).toBe(200);
    // As another process would go on: from what the store knows.
    const before = await objects.listParts(id, handle);
    expect(before.map(({ number, size }) => [number, size])).toEqual([
      [1, 5 * mebi],
      [3, 100],
    ]);
    expect((await part(id, handle, 2, one)).status).toBe(200);
    expect((await part(id, handle, 2, two)).status).toBe(200);
    const parts = await objects.listParts(id, handle);
    expect(parts.map(({ number }) => number)).toEqual([1, 2, 3]);
    const arrived = await objects.completeParts(id, handle, parts);
    expect(arrived.size).toBe(10 * mebi + 100);
    const done = await objects.identify(arrived.stagingKey);
    expect(done).toMatchObject({
      size: arrived.size,
      etag: arrived.etag,
      sha256: sha256Of(Buffer.concat([one, two, three])),
    });
    await objects.pin(done);
    expect(await objects.head(done.sha256)).toMatchObject({ size: arrived.size });
    await expect(objects.listParts(id, handle)).rejects.toMatchObject({ code: 'UPLOAD_REFUSED' });
  });

  test('takes parts of any size where none was named', async () => {
    const { id, handle } = await begin();
    for (const [number, body] of [[1, one] as const, [2, three] as const]) {
      const request = await objects.presignPart({ id, handle, number, size: undefined, expiresAt: inAMinute() });
      expect(request.headers['content-length']).toBeUndefined();
      expect((await put(request, body)).status).toBe(200);
    }
    const arrived = await objects.completeParts(id, handle, await objects.listParts(id, handle));
    expect(await objects.identify(arrived.stagingKey)).toMatchObject({ sha256: sha256Of(Buffer.concat([one, three])) });
  });

  test('is not completed with what did not arrive, and may then be', async () => {
    const { id, handle } = await begin();
    await part(id, handle, 1, three);
    const arrived = await objects.listParts(id, handle);
    const etag = arrived[0]?.etag ?? '';
    for (const wanted of [
      [],
      [{ number: 1, etag: etag.replace(/./, (digit) => (digit === '0' ? '1' : '0')) }],
      [
        { number: 1, etag },
        { number: 2, etag },
      ],
      [
        { number: 1, etag },
        { number: 1, etag },
      ],
    ]) {
      await expect(objects.completeParts(id, handle, wanted)).rejects.toMatchObject({ code: 'UPLOAD_REFUSED' });
    }
    expect((await objects.completeParts(id, handle, arrived)).size).toBe(100);
  });

  test('has no small part but the last one', async () => {
    const { id, handle } = await begin();
    await part(id, handle, 1, three);
    await part(id, handle, 2, three);
    const parts = await objects.listParts(id, handle);
    await expect(objects.completeParts(id, handle, parts)).rejects.toThrow('not the last one');
    await objects.abortParts(id, handle);
  });

  test('is not larger than an object may be', async () => {
    const { id, handle } = await begin();
    for (let number = 1; number <= 5; number += 1) await part(id, handle, number, one);
    const parts = await objects.listParts(id, handle);
    await expect(objects.completeParts(id, handle, parts)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    await objects.abortParts(id, handle);
  });

  test('takes parts of the size and number that were signed', async () => {
    const { id, handle } = await begin();
    const request = await objects.presignPart({ id, handle, number: 1, size: 3, expiresAt: inAMinute() });
    for (const body of ['ab', 'abcd']) {
      const { status } = await put(request, body, { 'content-length': String(body.length) });
      expect(status).toBeGreaterThanOrEqual(400);
    }
    const two = changed(request.url, (to) => {
      if (to.searchParams.has('partNumber')) to.searchParams.set('partNumber', '2');
      else to.pathname = to.pathname.replace(/1$/, '2');
    });
    expect((await put({ ...request, url: two }, 'abc')).status).toBe(403);
    expect(await objects.listParts(id, handle)).toEqual([]);
    await objects.abortParts(id, handle);
  });

  test('that was aborted is gone, and what is stale is aborted', async () => {
    const { id, handle } = await begin();
    await part(id, handle, 1, three);
    await objects.abortParts(id, handle);
    await objects.abortParts(id, handle);
    expect((await part(id, handle, 2, three)).status).toBeGreaterThanOrEqual(400);
    await expect(objects.listParts(id, handle)).rejects.toMatchObject({ code: 'UPLOAD_REFUSED' });

    const other = await begin();
    await part(other.id, other.handle, 1, three);
    await objects.abortStaleParts(new Date(Date.now() - 60_000));
    expect(await objects.listParts(other.id, other.handle)).toHaveLength(1);
    expect(await objects.abortStaleParts(inAMinute())).toBeGreaterThanOrEqual(1);
    await expect(objects.listParts(other.id, other.handle)).rejects.toMatchObject({ code: 'UPLOAD_REFUSED' });
  });
}
