import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changesNothing, expectFailure } from './support/failure.ts';
import { lakeOf } from './support/lake.ts';
import { raw } from './support/raw.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let lake: ReturnType<typeof lakeOf>;
let id: string;
beforeAll(async () => {
  server = await startTestServer(['--objects-max-bytes', '100000']);
  lake = lakeOf(server);
  id = await lake.dataset('uploads');
});
afterAll(() => server.stop());

const put = (url: string, headers: Record<string, string>, body: string) =>
  raw(url, { method: 'PUT', headers: { 'content-length': Buffer.byteLength(body), ...headers }, body: [body] });

describe('an object key', () => {
  test.each([
    ['..', '..'],
    ['.. inside', 'a/../b'],
    ['.. at the end', 'a/..'],
    ['a dot', 'a/./b'],
    ['an empty segment', 'a//b'],
    ['a leading slash', '/etc/passwd'],
    ['a trailing slash', 'a/'],
    ['nothing', ''],
    ['a NUL', 'a\0b'],
    ['a backslash', 'a\\b'],
    ['a line break', 'a\nb'],
    ['more than 1024 characters', 'x'.repeat(1025)],
    ['more than 1024 bytes', 'é'.repeat(600)],
  ])('with %s is refused', async (_what, object_key) => {
    for (const name of ['create_presigned_upload', 'head_object']) {
      const answer = await changesNothing(server, () => server.call(name, { dataset_id: id, object_key }));
      const { details } = expectFailure(answer, 422, 'VALIDATION_FAILED');
      expect((details as { issues: { path: string }[] }).issues[0]?.path).toBe('object_key');
    }
  });

  test('may look odd, and is only ever a name', async () => {
    const dataset = await lake.dataset('odd-keys');
    const keys = ['%2e%2e/x', '..a', 'C:/x', 'a b/ü?#&.csv', '~/.ssh/id', '😀', '__proto__', 'x'.repeat(1024)];
    for (const key of keys) await lake.upload(dataset, key, key);
    expect(await lake.keys(dataset)).toEqual([...keys].sort());
    for (const object_key of keys) await lake.ok('head_object', { dataset_id: dataset, object_key });
  });
});

test('neighbours do not see each other: prefixes are text, datasets are apart', async () => {
  const other = await lake.dataset('uploads-1');
  for (const key of ['a/1/x', 'a/10/x', 'a/1', 'a', 'b']) await lake.upload(id, key, `first ${key}`);
  await lake.upload(other, 'a/1/x', 'second');
  expect(await lake.keys(id, 'a/1')).toEqual(['a/1', 'a/1/x', 'a/10/x']);
  expect(await lake.keys(id, 'a/1/')).toEqual(['a/1/x']);
  expect(await lake.keys(id, 'A')).toEqual([]);
  expect(await lake.keys(id, 'a/1%')).toEqual([]);
  expect(await lake.keys(other)).toEqual(['a/1/x']);
  await lake.commit(id, 'v1');
  expect(await lake.objects(other)).toMatchObject([{ key: 'a/1/x', size: 6, metadata: { staged: true } }]);
  const missing = await server.call('head_object', { dataset_id: other, object_key: 'b' });
  expectFailure(missing, 404, 'NOT_FOUND');
});

describe('a presigned URL', () => {
  test('works once, with exactly its headers', async () => {
    const { url, headers } = await lake.presign(id, 'once.csv', { size: 5 });
    expect(headers).toEqual({ 'content-type': 'text/csv', 'content-length': '5' });
    expect(await put(url, headers, 'name\n')).toMatchObject({ status: 200, body: { size: 5 } });
    const again = await changesNothing(server, () => put(url, headers, 'nope\n'));
    expect(expectFailure(again, 403, 'UPLOAD_REFUSED').suggestion).toContain('create_presigned_upload');
  });

  test('takes one of two bodies that come at once', async () => {
    const { url, headers } = await lake.presign(id, 'race.csv');
    const answers = await Promise.all(['one\n', 'two\n', 'six\n'].map((body) => put(url, headers, body)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 403, 403]);
    const won = answers.find((answer) => answer.status === 200)?.body.sha256;
    expect((await lake.ok('head_object', { dataset_id: id, object_key: 'race.csv' })).sha256).toBe(won);
  });

  test.each([
    ['type', (query: URLSearchParams) => query.set('type', 'text/html')],
    ['size', (query: URLSearchParams) => query.set('size', '9')],
    ['size taken away', (query: URLSearchParams) => query.delete('size')],
    ['expires', (query: URLSearchParams) => query.set('expires', '99999999999')],
    ['signature', (query: URLSearchParams) => query.set('signature', `k1.${'A'.repeat(43)}`)],
    ['key of the signature', (query: URLSearchParams) => query.set('signature', `k9.${query.get('signature')}`)],
    ['no signature', (query: URLSearchParams) => query.delete('signature')],
    ['nothing left', (query: URLSearchParams) => [...query.keys()].map((key) => query.delete(key))],
  ])('with its %s changed is refused', async (_what, change) => {
    const { url, headers } = await lake.presign(id, 'tampered.csv', { size: 5 });
    const changed = new URL(url);
    change(changed.searchParams);
    const answer = await changesNothing(server, () => put(changed.href, headers, 'name\n'));
    expectFailure(answer, 403, 'UPLOAD_REFUSED');
    expect((await put(url, headers, 'name\n')).status).toBe(200);
  });

  test('a URL without a size cannot be given one', async () => {
    const { url, headers } = await lake.presign(id, 'sized.csv');
    for (const more of ['&size=5', '&size=', '&size=abc']) {
      const answer = await changesNothing(server, () => put(`${url}${more}`, headers, 'name\n'));
      expectFailure(answer, 403, 'UPLOAD_REFUSED');
    }
  });

  test('of one upload does not open another', async () => {
    const [a, b] = [await lake.presign(id, 'a.csv'), await lake.presign(id, 'b.csv')];
    const crossed = new URL(a.url);
    crossed.pathname = new URL(b.url).pathname;
    const answer = await changesNothing(server, () => put(crossed.href, a.headers, 'name\n'));
    expectFailure(answer, 403, 'UPLOAD_REFUSED');
  });

  test('another method than PUT finds nothing', async () => {
    const { url } = await lake.presign(id, 'method.csv');
    for (const method of ['GET', 'POST', 'DELETE', 'PATCH']) {
      expectFailure(await changesNothing(server, () => raw(url, { method })), 404, 'NOT_FOUND');
    }
  });

  test.each([
    ['too long', { 'content-length': 6 }, ['name\n', 'x']],
    ['too short', { 'content-length': 4 }, ['name']],
    ['too long, in chunks', {}, ['name\n', 'more']],
    ['too short, in chunks', {}, ['na', 'm']],
  ])('a body that is %s is refused, and the right one still taken', async (_what, length, body) => {
    const { url } = await lake.presign(id, 'size.csv', { size: 5 });
    const headers = { 'content-type': 'text/csv', ...length };
    const answer = await changesNothing(server, () => raw(url, { method: 'PUT', headers, body }));
    expectFailure(answer, 422, 'UPLOAD_SIZE_MISMATCH');
    expect((await put(url, { 'content-type': 'text/csv' }, 'name\n')).status).toBe(200);
  });

  test('without a size takes any body up to the largest that the operator allows', async () => {
    const { url, headers } = await lake.presign(id, 'any.csv');
    const parts = Array.from({ length: 11 }, () => 'x'.repeat(10_000));
    const answer = await changesNothing(server, () => raw(url, { method: 'PUT', headers, body: parts }));
    expectFailure(answer, 422, 'UPLOAD_SIZE_MISMATCH');
    expect((await raw(url, { method: 'PUT', headers, body: parts.slice(1) })).body).toMatchObject({ size: 100_000 });
    const larger = { dataset_id: id, object_key: 'large.csv', size: 100_001 };
    const refused = await changesNothing(server, () => server.call('create_presigned_upload', larger));
    expectFailure(refused, 413, 'PAYLOAD_TOO_LARGE');
  });

  test.each(['text/html', 'text/csv; charset=utf-8', 'TEXT/CSV', undefined])('type %s is refused', async (type) => {
    const { url } = await lake.presign(id, 'typed.csv');
    const answer = await changesNothing(server, () =>
      put(url, type === undefined ? {} : { 'content-type': type }, 'x'),
    );
    expectFailure(answer, 422, 'UPLOAD_TYPE_MISMATCH');
  });

  test('still works after a connection that was lost in the middle', async () => {
    const { url, headers } = await lake.presign(id, 'lost.txt');
    const lost = new AbortController();
    const body = new ReadableStream({
      start: (stream) => stream.enqueue(Buffer.from('half')),
      pull: () => lost.abort(),
    });
    const sent = fetch(url, { method: 'PUT', headers, body, signal: lost.signal, duplex: 'half' } as RequestInit);
    await expect(sent).rejects.toThrow();
    expect(await lake.keys(id, 'lost.txt')).toEqual([]);
    expect((await put(url, headers, 'whole')).body).toMatchObject({ size: 5 });
  });

  test('an empty object is an object', async () => {
    const { url, headers } = await lake.presign(id, 'empty.txt', { size: 0 });
    expect((await put(url, headers, '')).body).toMatchObject({ size: 0 });
  });

  test('a newer one of the same key replaces what is staged, whichever arrives last', async () => {
    const dataset = await lake.dataset('replaced');
    const [older, newer] = [await lake.presign(dataset, 'a.txt'), await lake.presign(dataset, 'a.txt')];
    expect((await put(newer.url, newer.headers, 'newer')).status).toBe(200);
    expect((await put(older.url, older.headers, 'older one')).status).toBe(200);
    expect(await lake.objects(dataset)).toMatchObject([{ key: 'a.txt', size: 5 }]);
  });

  test('is used up when a newer one of its key was committed', async () => {
    const dataset = await lake.dataset('superseded');
    const older = await lake.presign(dataset, 'a.txt');
    await lake.upload(dataset, 'a.txt', 'newer');
    await lake.commit(dataset, 'v1');
    const answer = await changesNothing(server, () => put(older.url, older.headers, 'older one'));
    expectFailure(answer, 403, 'UPLOAD_REFUSED');
    expect(await lake.objects(dataset)).toMatchObject([{ size: 5, metadata: { staged: false } }]);
  });

  test('for no dataset is not made', async () => {
    const input = { dataset_id: 'ds_none', object_key: 'a.csv' };
    const answer = await changesNothing(server, () => server.call('create_presigned_upload', input));
    expect(expectFailure(answer, 404, 'NOT_FOUND').suggestion).toContain('list_datasets');
  });

  test.each(['text', 'text/csv\r\nx: y', 'text/csv, text/html', ''])(
    'content_type %j is refused',
    async (content_type) => {
      const input = { dataset_id: id, object_key: 'a.csv', content_type };
      const answer = await changesNothing(server, () => server.call('create_presigned_upload', input));
      expectFailure(answer, 422, 'VALIDATION_FAILED');
    },
  );
});
