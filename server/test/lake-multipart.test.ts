import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changesNothing, expectFailure } from './support/failure.ts';
import { lakeOf } from './support/lake.ts';
import { startTestServer, type TestServer } from './support/server.ts';

const mebi = 2 ** 20;
let server: TestServer;
let lake: ReturnType<typeof lakeOf>;
let id: string;
beforeAll(async () => {
  server = await startTestServer(['--objects-max-bytes', String(64 * mebi)]);
  lake = lakeOf(server);
  id = await lake.dataset('parts');
});
afterAll(() => server.stop());

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Part = any;
const begin = (object_key: string, more: object = {}) =>
  lake.ok('create_multipart_upload', { dataset_id: id, object_key, ...more });

async function send({ url, headers }: Part, bytes: Uint8Array): Promise<string> {
  const response = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(bytes) });
  expect(response.status).toBe(200);
  return response.headers.get('etag') ?? '';
}

describe('an upload in parts', () => {
  test('goes on after a break, is completed once, and is committed', async () => {
    const bytes = randomBytes(12 * mebi + 17);
    const upload = await begin('big.bin', { size: bytes.length, part_size: 5 * mebi });
    expect(upload).toMatchObject({ part_count: 3, part_size: 5 * mebi });
    const slice = (number: number) => bytes.subarray((number - 1) * 5 * mebi, number * 5 * mebi);
    await send(upload.parts[2], slice(3));
    await send(upload.parts[0], randomBytes(5 * mebi));
    await send(upload.parts[0], slice(1));

    const { upload_id } = upload;
    const there = await lake.ok('list_upload_parts', { upload_id });
    expect(there).toMatchObject({ arrived: 2, part_count: 3, completed: false });
    expect(there.items.map((part: Part) => part.part_number)).toEqual([1, 3]);
    const { parts, next } = await lake.ok('create_presigned_parts', { upload_id, first: 2 });
    expect(next).toBeUndefined();
    expect(parts).toMatchObject([
      { part_number: 2, arrived: false, size: 5 * mebi, url: expect.any(String) },
      { part_number: 3, arrived: true, etag: expect.any(String) },
    ]);
    await send(parts[0], slice(2));

    const all = (await lake.ok('list_upload_parts', { upload_id })).items.map(({ part_number, etag }: Part) => ({
      part_number,
      etag,
    }));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const missing = { upload_id, parts: all.slice(0, 2) };
    expectFailure(await server.call('complete_multipart_upload', missing), 422, 'UPLOAD_SIZE_MISMATCH');
    const [one, other] = await Promise.all([
      lake.ok('complete_multipart_upload', { upload_id, parts: all }),
      lake.ok('complete_multipart_upload', { upload_id, parts: all }),
    ]);
    expect(one).toMatchObject({ object_key: 'big.bin', size: bytes.length, sha256 });
    expect(other).toEqual(one);
    expect(await lake.ok('list_upload_parts', { upload_id })).toMatchObject({ completed: true, items: [] });
    expect((await lake.objects(id, 'big')).map((object) => object.metadata)).toMatchObject([{ sha256, staged: true }]);
    await lake.commit(id, 'v1');
    expect(await lake.ok('complete_multipart_upload', { upload_id, parts: all })).toEqual(one);
    expect(await lake.ok('abort_multipart_upload', { upload_id })).toEqual({ aborted: false });
    const { url } = await lake.ok('create_presigned_download', { dataset_id: id, object_key: 'big.bin' });
    const got = Buffer.from(await (await fetch(url)).arrayBuffer());
    expect(got.equals(bytes)).toBe(true);
  });

  test('of an unknown size takes parts of any size', async () => {
    const { upload_id, parts, part_count } = await begin('unknown.bin');
    expect(part_count).toBeUndefined();
    expect(parts).toHaveLength(100);
    expect(parts[0].size).toBeUndefined();
    const etags = [await send(parts[0], randomBytes(5 * mebi + 1)), await send(parts[1], randomBytes(3))];
    const done = await lake.ok('complete_multipart_upload', {
      upload_id,
      parts: etags.map((etag, at) => ({ part_number: at + 1, etag })),
    });
    expect(done.size).toBe(5 * mebi + 4);
    const last = await lake.ok('create_presigned_parts', { upload_id });
    expect(last).toEqual({ parts: [] });
  });

  test('names its many parts page by page', async () => {
    const { upload_id, parts, part_count } = await begin('many.bin', { size: 64 * mebi, part_size: 5 * mebi });
    expect([parts.length, part_count]).toEqual([13, 13]);
    const first = await lake.ok('create_presigned_parts', { upload_id, count: 12 });
    expect(first.next).toBe(13);
    const rest = await lake.ok('create_presigned_parts', { upload_id, first: first.next });
    expect(rest.parts).toMatchObject([{ part_number: 13, size: 4 * mebi }]);
    expect((await lake.ok('create_presigned_parts', { upload_id, first: 14 })).parts).toEqual([]);
  });

  test('that was aborted is gone with its parts', async () => {
    const { upload_id, parts } = await begin('aborted.bin', { size: 3 });
    const etag = await send(parts[0], Buffer.from('abc'));
    expect(await lake.ok('abort_multipart_upload', { upload_id })).toEqual({ aborted: true });
    expect(await lake.ok('abort_multipart_upload', { upload_id })).toEqual({ aborted: false });
    const complete = { upload_id, parts: [{ part_number: 1, etag }] };
    expectFailure(await server.call('complete_multipart_upload', complete), 404, 'NOT_FOUND');
    expect((await fetch(parts[0].url, { method: 'PUT', headers: parts[0].headers, body: 'abc' })).status).toBe(403);
  });

  test('is refused with parts that never came, out of order, or of other etags', async () => {
    const { upload_id, parts } = await begin('wrong.bin', { size: 5 * mebi + 1, part_size: 5 * mebi });
    const [one, two] = [await send(parts[0], randomBytes(5 * mebi)), await send(parts[1], Buffer.from('x'))];
    const complete = (...wanted: [number, string][]) =>
      server.call('complete_multipart_upload', {
        upload_id,
        parts: wanted.map(([part_number, etag]) => ({ part_number, etag })),
      });
    for (const wanted of [
      [
        [1, two],
        [2, two],
      ],
      [
        [2, two],
        [1, one],
      ],
      [
        [1, one],
        [1, one],
      ],
      [
        [1, one],
        [2, two],
        [3, 'none'],
      ],
    ] as [number, string][][]) {
      const answer = await changesNothing(server, () => complete(...wanted));
      expect([403, 422]).toContain(answer.status);
      expect(['UPLOAD_REFUSED', 'UPLOAD_SIZE_MISMATCH']).toContain(answer.body.error.code);
    }
    expect((await complete([1, one], [2, two])).status).toBe(200);
  });

  test.each([
    ['more than an object may have', { size: 65 * mebi }, 413, 'PAYLOAD_TOO_LARGE'],
    ['parts that are too small', { size: 10, part_size: 100 }, 422, 'VALIDATION_FAILED'],
    ['a size below zero', { size: -1 }, 422, 'VALIDATION_FAILED'],
    ['a type with a line break', { content_type: 'text/csv\nx: y' }, 422, 'VALIDATION_FAILED'],
    ['a key that climbs', { object_key: '../x' }, 422, 'VALIDATION_FAILED'],
  ] as const)('is not begun with %s', async (_what, more, status, code) => {
    const input = { dataset_id: id, object_key: 'x', ...more };
    const answer = await changesNothing(server, () => server.call('create_multipart_upload', input));
    expectFailure(answer, status, code);
  });

  test('of nobody is NOT_FOUND', async () => {
    for (const [name, more] of [
      ['list_upload_parts', {}],
      ['create_presigned_parts', {}],
      ['complete_multipart_upload', { parts: [{ part_number: 1, etag: 'x' }] }],
    ] as const) {
      expectFailure(await server.call(name, { upload_id: 'up_none', ...more }), 404, 'NOT_FOUND');
    }
  });
});
