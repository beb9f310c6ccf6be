import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changesNothing, expectFailure } from './support/failure.ts';
import { lakeOf } from './support/lake.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let lake: ReturnType<typeof lakeOf>;
beforeAll(async () => {
  server = await startTestServer();
  lake = lakeOf(server);
});
afterAll(() => server.stop());

describe('update_dataset', () => {
  test('replaces what is given and leaves the rest', async () => {
    const { id } = await lake.ok('register_dataset', {
      name: 'before',
      uri: 'tutti://before',
      tags: ['a'],
      labels: { team: 'x' },
      metadata: { owner: 'me' },
    });
    const changed = await lake.ok('update_dataset', { dataset_id: id, name: 'after', tags: ['b', 'b', 'c'] });
    expect(changed).toMatchObject({ name: 'after', uri: 'tutti://before', tags: ['b', 'c'], labels: { team: 'x' } });
    expect(await lake.ok('update_dataset', { dataset_id: id, labels: {}, metadata: {} })).toMatchObject({
      name: 'after',
      tags: ['b', 'c'],
      labels: {},
      metadata: {},
    });
    expect((await lake.ok('list_datasets', { filter: { tags: ['c'], text: 'AFT' } })).items).toMatchObject([{ id }]);
  });

  test('with nothing to change changes nothing', async () => {
    const id = await lake.dataset('same');
    await changesNothing(server, () => server.call('update_dataset', { dataset_id: id }));
  });

  test('gives no name twice', async () => {
    const id = await lake.dataset('one');
    await lake.dataset('two');
    const answer = await changesNothing(server, () => server.call('update_dataset', { dataset_id: id, name: 'two' }));
    expectFailure(answer, 409, 'ALREADY_EXISTS');
    expect(await lake.ok('update_dataset', { dataset_id: id, name: 'one' })).toMatchObject({ name: 'one' });
  });

  test.each([
    ['a name with a slash', { name: 'a/b' }],
    ['a name that is no text', { name: 1 }],
    ['labels that are no text', { labels: { a: 1 } }],
    ['too much metadata', { metadata: { a: 'x'.repeat(70_000) } }],
    ['a field of another tool', { uri: 'tutti://x' }],
  ])('refuses %s', async (_what, more) => {
    const id = await lake.dataset(`bad-${Math.random().toString(36).slice(2)}`);
    const answer = await changesNothing(server, () => server.call('update_dataset', { dataset_id: id, ...more }));
    expectFailure(answer, 422, 'VALIDATION_FAILED');
  });

  test('of nothing is NOT_FOUND', async () => {
    expectFailure(await server.call('update_dataset', { dataset_id: 'ds_none', name: 'x' }), 404, 'NOT_FOUND');
  });
});

describe('delete_dataset', () => {
  test('takes it away once, tells so, and frees its name', async () => {
    const id = await lake.dataset('gone');
    const { next: since } = await lake.ok('poll_events', {});
    await lake.upload(id, 'a.csv', 'a\n1\n');
    await lake.commit(id, 'v1');
    await lake.upload(id, 'b.csv', 'a\n1\n');
    expect(await lake.ok('delete_dataset', { dataset_id: id, dry_run: true })).toMatchObject({ deleted: false });
    expect(await lake.ok('delete_dataset', { dataset_id: id })).toMatchObject({ deleted: true });
    expect(await lake.ok('delete_dataset', { dataset_id: id })).toMatchObject({ deleted: false });
    expectFailure(await server.call('get_dataset', { dataset_id: id }), 404, 'NOT_FOUND');
    expectFailure(await server.call('list_versions', { dataset_id: id }), 404, 'NOT_FOUND');
    const { items: events } = await lake.ok('poll_events', { since, dataset_id: id, types: ['dataset.deleted'] });
    expect(events).toMatchObject([{ subject: `dataset:${id}`, data: { id, name: 'gone', state: 'deleted' } }]);
    expect(await lake.dataset('gone')).not.toBe(id);
  });

  test('refuses one that is served, unless forced', async () => {
    const id = await lake.dataset('served');
    await lake.upload(id, 'a.csv', 'a\n1\n');
    await lake.commit(id, 'v1');
    await lake.ingest(id);
    const answer = await changesNothing(server, () => server.call('delete_dataset', { dataset_id: id }));
    expect(expectFailure(answer, 409, 'DATASET_IN_USE').details).toMatchObject({
      served_indexes: [expect.any(String)],
    });
    expect(await lake.ok('delete_dataset', { dataset_id: id, force: true })).toMatchObject({ deleted: true });
    expectFailure(await server.call('search_dataset', { dataset_id: id, query: 'x' }), 404, 'NOT_FOUND');
  });

  test('refuses one whose jobs run; forced, it cancels them', async () => {
    const id = await lake.dataset('busy');
    await lake.upload(id, 'a.csv', `a,b\n${'some words,1\n'.repeat(200_000)}`);
    await lake.commit(id, 'v1');
    const job = await lake.ok('start_ingest', { dataset_id: id, target: 'lance' });
    const answer = await server.call('delete_dataset', { dataset_id: id });
    expect(expectFailure(answer, 409, 'DATASET_IN_USE').details).toMatchObject({ running_jobs: [job.id] });
    expect(await lake.ok('delete_dataset', { dataset_id: id, force: true })).toMatchObject({
      deleted: true,
      running_jobs: [job.id],
    });
    expect(await lake.ended(job)).toMatchObject({ state: 'canceled' });
  });

  test('answers the same under one idempotency key', async () => {
    const id = await lake.dataset('once');
    const input = { dataset_id: id, idempotency_key: 'delete-once' };
    expect(await lake.ok('delete_dataset', input)).toMatchObject({ deleted: true });
    expect(await lake.ok('delete_dataset', input)).toMatchObject({ deleted: true });
  });
});

test('a download URL gives the bytes of one version, as an attachment, and nothing else', async () => {
  const id = await lake.dataset('downloads');
  await lake.upload(id, 'dir/page.html', '<script>alert(1)</script>');
  const input = { dataset_id: id, object_key: 'dir/page.html' };
  expectFailure(await server.call('create_presigned_download', input), 409, 'NOTHING_STAGED');
  await lake.commit(id, 'v1');
  await lake.upload(id, 'dir/page.html', 'two');
  await lake.commit(id, 'v2');

  const first = await lake.ok('create_presigned_download', { ...input, version: 'v1', filename: 'ü "x".html' });
  expect(first).toMatchObject({ version: 'v1', size: 25, content_type: expect.any(String) });
  const got = await fetch(first.url);
  expect(await got.text()).toBe('<script>alert(1)</script>');
  expect(got.headers.get('content-disposition')).toMatch(/^attachment;/);
  expect(got.headers.get('x-content-type-options')).toBe('nosniff');
  expect(await (await fetch((await lake.ok('create_presigned_download', input)).url)).text()).toBe('two');

  const changed = new URL(first.url);
  changed.searchParams.set('name', 'other.html');
  expect((await fetch(changed)).status).toBe(403);
  for (const filename of ['../x', 'a/b', 'a\\b', '..', 'a\nb', '']) {
    expectFailure(await server.call('create_presigned_download', { ...input, filename }), 422, 'VALIDATION_FAILED');
  }
  expectFailure(await server.call('create_presigned_download', { ...input, object_key: 'none' }), 404, 'NOT_FOUND');
});
