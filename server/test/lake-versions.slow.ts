import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changesNothing, expectFailure } from './support/failure.ts';
import { lakeOf } from './support/lake.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let lake: ReturnType<typeof lakeOf>;
let id: string;
beforeAll(async () => {
  server = await startTestServer();
  lake = lakeOf(server);
  id = await lake.dataset('versions');
  await lake.upload(id, 'a.csv', 'name\ncat\n');
  await lake.upload(id, 'b.csv', 'name\ndog\n');
  await lake.upload(id, 'c/d.txt', 'plain');
  await lake.commit(id, 'v1');
  await lake.upload(id, 'b.csv', 'name\ndogs\n');
  await lake.upload(id, 'e.csv', 'name\nowl\n');
  await lake.ok('remove_dataset_object', { dataset_id: id, object_key: 'c/d.txt' });
  await lake.commit(id, 'v2');
});
afterAll(() => server.stop());

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Item = any;

/** Reads a list to its end, one item a page. */
async function paged(name: string, input: object): Promise<{ items: Item[]; pages: number }> {
  const items: Item[] = [];
  let pages = 0;
  for (let page: string | undefined; ; ) {
    const answer = await lake.ok(name, { ...input, page_size: 1, ...(page && { page }) });
    items.push(...answer.items);
    pages += 1;
    page = answer.next_page;
    if (page === undefined) return { items, pages };
  }
}

describe('list_versions', () => {
  test('lists them, newest first, page by page', async () => {
    const { items, pages } = await paged('list_versions', { dataset_id: id });
    expect(items).toMatchObject([
      { version: 'v2', parent: 'v1', objects: 3, bytes: 28, current: true },
      { version: 'v1', objects: 3, bytes: 23, current: false },
    ]);
    expect(pages).toBe(2);
  });

  test('of nothing is NOT_FOUND, and a cursor holds for its dataset alone', async () => {
    expectFailure(await server.call('list_versions', { dataset_id: 'ds_none' }), 404, 'NOT_FOUND');
    const other = await lake.dataset('versions-other');
    const { next_page: page } = await lake.ok('list_versions', { dataset_id: id, page_size: 1 });
    expectFailure(await server.call('list_versions', { dataset_id: other, page }), 422, 'BAD_CURSOR');
    expect((await lake.ok('list_versions', { dataset_id: other })).items).toEqual([]);
  });
});

describe('get_version', () => {
  test('shows an older version as it was', async () => {
    const { items } = await paged('get_version', { dataset_id: id, version: 'v1' });
    expect(items).toMatchObject([{ key: 'a.csv' }, { key: 'b.csv', size: 9 }, { key: 'c/d.txt', size: 5 }]);
    const answer = await lake.ok('get_version', { dataset_id: id, version: 'v1', prefix: 'c/' });
    expect(answer).toMatchObject({ version: 'v1', objects: 3, current: false, items: [{ key: 'c/d.txt' }] });
    expect(await lake.ok('get_version', { dataset_id: id })).toMatchObject({ version: 'v2', current: true });
  });

  test('of another name is NOT_FOUND; before the first commit there is none', async () => {
    expectFailure(await server.call('get_version', { dataset_id: id, version: 'v9' }), 404, 'NOT_FOUND');
    expectFailure(await server.call('get_version', { dataset_id: id, version: '../v1' }), 422, 'VALIDATION_FAILED');
    const empty = await lake.dataset('versions-empty');
    expectFailure(await server.call('get_version', { dataset_id: empty }), 409, 'NOTHING_STAGED');
  });
});

describe('diff_versions', () => {
  test('tells what was added, removed and changed, with totals', async () => {
    const answer = await lake.ok('diff_versions', { dataset_id: id, from: 'v1' });
    expect(answer).toMatchObject({
      from: 'v1',
      to: 'v2',
      totals: { added: 1, removed: 1, changed: 1, unchanged: 1, added_bytes: 19, removed_bytes: 14 },
      items: [
        { key: 'b.csv', change: 'changed', before: { size: 9 }, after: { size: 10 } },
        { key: 'c/d.txt', change: 'removed', before: { size: 5 } },
        { key: 'e.csv', change: 'added', after: { size: 9 } },
      ],
    });
    expect(answer.items[1].after).toBeUndefined();
    expect(answer.items[2].before).toBeUndefined();
    expect((await paged('diff_versions', { dataset_id: id, from: 'v1' })).items).toEqual(answer.items);
  });

  test('backwards is the same the other way round, and of one version there is none', async () => {
    const back = await lake.ok('diff_versions', { dataset_id: id, from: 'v2', to: 'v1' });
    expect(back.totals).toMatchObject({ added: 1, removed: 1, changed: 1, added_bytes: 14, removed_bytes: 19 });
    expect(await lake.ok('diff_versions', { dataset_id: id, from: 'v1', to: 'v1' })).toMatchObject({ items: [] });
    expectFailure(await server.call('diff_versions', { dataset_id: id, from: 'none' }), 404, 'NOT_FOUND');
  });
});

describe('remove_dataset_object', () => {
  const remove = (dataset_id: string, object_key: string) =>
    lake.ok('remove_dataset_object', { dataset_id, object_key });

  test('hides the object now, and an upload after it brings it back', async () => {
    const one = await lake.dataset('removals');
    await lake.upload(one, 'x.csv', 'a\n1\n');
    await lake.upload(one, 'y.csv', 'a\n2\n');
    await lake.commit(one, 'v1');
    expect(await remove(one, 'x.csv')).toEqual({ removed: true });
    expect(await remove(one, 'x.csv')).toEqual({ removed: true });
    expect(await lake.keys(one)).toEqual(['y.csv']);
    expectFailure(await server.call('head_object', { dataset_id: one, object_key: 'x.csv' }), 404, 'NOT_FOUND');
    await lake.upload(one, 'x.csv', 'a\n3\n');
    expect(await lake.keys(one)).toEqual(['x.csv', 'y.csv']);
    await lake.commit(one, 'v2');
    expect((await lake.ok('diff_versions', { dataset_id: one, from: 'v1' })).items).toMatchObject([
      { key: 'x.csv', change: 'changed' },
    ]);
    // Nothing of it is left to be applied twice.
    await lake.upload(one, 'z.csv', 'a\n4\n');
    await lake.commit(one, 'v3');
    expect(await lake.keys(one)).toEqual(['x.csv', 'y.csv', 'z.csv']);
  });

  test('a page is full though all that stood on it goes', async () => {
    const one = await lake.dataset('removals-pages');
    for (const key of ['a', 'b', 'c', 'd', 'e']) await lake.upload(one, `${key}.csv`, 'a\n1\n');
    await lake.commit(one, 'v1');
    for (const key of ['a', 'b', 'd']) await remove(one, `${key}.csv`);
    const first = await lake.ok('list_objects', { dataset_id: one, page_size: 1 });
    expect(first.items).toMatchObject([{ key: 'c.csv', metadata: { staged: false } }]);
    const rest = { dataset_id: one, page_size: 1, page: first.next_page };
    expect(await lake.ok('list_objects', rest)).toEqual({ items: [expect.objectContaining({ key: 'e.csv' })] });
  });

  test('takes what is staged along, and makes its URLs useless', async () => {
    const one = await lake.dataset('removals-staged');
    await lake.upload(one, 'x.csv', 'a\n1\n');
    const { url, headers } = await lake.presign(one, 'x.csv');
    expect(await remove(one, 'x.csv')).toEqual({ removed: true });
    expectFailure(await server.put(url, headers, 'late'), 403, 'UPLOAD_REFUSED');
    expect(await lake.keys(one)).toEqual([]);
    expect(await remove(one, 'x.csv')).toEqual({ removed: false });
    expectFailure(
      await server.call('commit_dataset_version', { dataset_id: one, version: 'v1' }),
      409,
      'NOTHING_STAGED',
    );
  });

  test('of every object leaves an empty version', async () => {
    const one = await lake.dataset('removals-all');
    await lake.upload(one, 'x.csv', 'a\n1\n');
    await lake.commit(one, 'v1');
    await remove(one, 'x.csv');
    expect(await lake.commit(one, 'v2')).toMatchObject({ version: 'v2', bytes: 0 });
    expect(await lake.ok('get_version', { dataset_id: one })).toMatchObject({ objects: 0, items: [] });
  });
});

describe('rollback_dataset', () => {
  const rollback = (dataset_id: string, version: string, more: object = {}) =>
    lake.ok('rollback_dataset', { dataset_id, version, ...more });

  test('makes an older version the current one and serves its index at once; it repeats', async () => {
    const one = await lake.dataset('back');
    await lake.upload(one, 'x.csv', 'name\nfirst\n');
    await lake.commit(one, 'v1');
    await lake.ingest(one);
    await lake.upload(one, 'x.csv', 'name\nsecond\n');
    await lake.commit(one, 'v2');
    await lake.ingest(one);
    expect((await lake.search(one, 'second')).served_version).toBe('v2');

    expect(await rollback(one, 'v1', { dry_run: true })).toMatchObject({ changed: true, previous_version: 'v2' });
    expect((await lake.ok('get_dataset', { dataset_id: one })).version).toBe('v2');

    expect(await rollback(one, 'v1')).toMatchObject({ changed: true, served: ['lance'], jobs: [] });
    expect(await lake.ok('get_dataset', { dataset_id: one })).toMatchObject({ version: 'v1', bytes: 11 });
    const found = await lake.search(one, 'first');
    expect(found).toMatchObject({ served_version: 'v1', items: [{ row: { name: 'first' } }] });
    expect((await lake.search(one, 'second')).items).toEqual([]);
    expect(await rollback(one, 'v1')).toMatchObject({ changed: false });
    expect(await rollback(one, 'v2')).toMatchObject({ changed: true, served: ['lance'] });
    expect((await lake.search(one, 'second')).served_version).toBe('v2');
  });

  test('without an index of that version starts to build one', async () => {
    const one = await lake.dataset('back-build');
    await lake.upload(one, 'x.csv', 'name,id\nfirst,1\n');
    await lake.commit(one, 'v1');
    await lake.upload(one, 'x.csv', 'name,id\nsecond,1\n');
    await lake.commit(one, 'v2');
    await lake.ingest(one, { mapping: { id: 'id' } });
    const { served, jobs } = await rollback(one, 'v1');
    expect(served).toEqual([]);
    expect(jobs).toHaveLength(1);
    expect(await lake.ended({ id: jobs[0] })).toMatchObject({ state: 'succeeded' });
    expect(await lake.search(one, 'first')).toMatchObject({ served_version: 'v1', items: [{ id: '1' }] });
  });

  test('is not undone by an ingest that was asked for before it, whether that runs or waits', async () => {
    const one = await lake.dataset('back-meanwhile');
    await lake.upload(one, 'x.csv', 'name\nfirst\n');
    await lake.commit(one, 'v1');
    await lake.ingest(one);
    await lake.upload(one, 'x.csv', `name\n${Array.from({ length: 6000 }, (_, n) => `second${n}`).join('\n')}\n`);
    await lake.commit(one, 'v2');
    const options = { batch_rows: 200 };
    const running = await lake.ok('start_ingest', { dataset_id: one, target: 'lance', options });
    for (let progress = 0; progress === 0; ) ({ progress } = await lake.ok('job_status', { job_id: running.id }));
    const waiting = await lake.ok('start_ingest', { dataset_id: one, target: 'lance', options: { verify: false } });
    expect(await rollback(one, 'v1')).toMatchObject({ changed: true, served: ['lance'], jobs: [] });
    for (const job of [running, waiting])
      expect(await lake.ended(job)).toMatchObject({ state: 'succeeded', metadata: { served: false } });
    expect(await lake.search(one, 'first')).toMatchObject({
      served_version: 'v1',
      items: [{ row: { name: 'first' } }],
    });

    // What is asked for after it holds again.
    expect(await lake.ingest(one, { version: 'v2' })).toMatchObject({ metadata: { served: true } });
    expect((await lake.search(one, 'second7')).served_version).toBe('v2');
  });

  test('to no version changes nothing', async () => {
    const answer = await changesNothing(server, () =>
      server.call('rollback_dataset', { dataset_id: id, version: 'v9' }),
    );
    expectFailure(answer, 404, 'NOT_FOUND');
  });

  test('keeps what is staged', async () => {
    const one = await lake.dataset('back-staged');
    await lake.upload(one, 'x.csv', 'a\n1\n');
    await lake.commit(one, 'v1');
    await lake.upload(one, 'y.csv', 'a\n1\n');
    await lake.commit(one, 'v2');
    await lake.upload(one, 'z.csv', 'a\n1\n');
    await rollback(one, 'v1');
    expect(await lake.keys(one)).toEqual(['x.csv', 'z.csv']);
    expect(await lake.commit(one, 'v3')).toMatchObject({ version: 'v3' });
    expect(await lake.ok('get_version', { dataset_id: one })).toMatchObject({ parent: 'v1', objects: 2 });
  });
});

describe('delete_version', () => {
  test('refuses the current one and a served one, and forgets another', async () => {
    const one = await lake.dataset('forget');
    await lake.upload(one, 'x.csv', 'a\n1\n');
    await lake.commit(one, 'v1');
    await lake.ingest(one);
    await lake.upload(one, 'x.csv', 'a\n2\n');
    await lake.commit(one, 'v2');
    const forget = (version: string) => server.call('delete_version', { dataset_id: one, version });
    expectFailure(await changesNothing(server, () => forget('v2')), 409, 'VERSION_IN_USE');
    expectFailure(await changesNothing(server, () => forget('v1')), 409, 'VERSION_IN_USE');
    await lake.ingest(one);
    expect(await forget('v1')).toMatchObject({ status: 200, body: { deleted: true } });
    expect(await forget('v1')).toMatchObject({ status: 200, body: { deleted: false } });
    expectFailure(await server.call('get_version', { dataset_id: one, version: 'v1' }), 404, 'NOT_FOUND');
    expect((await lake.ok('list_versions', { dataset_id: one })).items).toMatchObject([{ version: 'v2' }]);
  });
});

describe('get_lineage', () => {
  test('leads from an object to versions, jobs and indexes, and back', async () => {
    const one = await lake.dataset('lineage');
    await lake.upload(one, 'x.csv', 'a\n1\n');
    await lake.commit(one, 'v1');
    const job = await lake.ingest(one);
    await lake.upload(one, 'y.csv', 'a\n1\n');
    await lake.commit(one, 'v2');

    const all = await lake.ok('get_lineage', { dataset_id: one, object_key: 'x.csv' });
    expect(all.items).toMatchObject([
      { version: 'v2', object: { size: 4 }, indexes: [] },
      { version: 'v1', jobs: [{ id: job.id, kind: 'lake.ingest' }], indexes: [{ target: 'lance', state: 'served' }] },
    ]);
    expect((await lake.ok('get_lineage', { dataset_id: one, object_key: 'y.csv' })).items).toMatchObject([
      { version: 'v2' },
    ]);
    expect((await paged('get_lineage', { dataset_id: one })).pages).toBe(2);

    const index = all.items[1].indexes[0].id;
    const back = await lake.ok('get_lineage', { dataset_id: one, index });
    expect(back).toMatchObject({ items: [{ version: 'v1' }], objects: [{ key: 'x.csv' }] });
    const first = await lake.ok('get_lineage', { dataset_id: one, version: 'v2', page_size: 1 });
    expect(first.objects).toMatchObject([{ key: 'x.csv' }]);
    const { objects } = await lake.ok('get_lineage', {
      dataset_id: one,
      version: 'v2',
      page_size: 1,
      page: first.next_page,
    });
    expect(objects).toMatchObject([{ key: 'y.csv' }]);
  });

  test('shows a stranger no jobs of others', async () => {
    const one = await lake.dataset('lineage-strange');
    await lake.upload(one, 'x.csv', 'a\n1\n');
    await lake.commit(one, 'v1');
    await lake.ingest(one);
    const reader = await server.token('lineage-reader', ['lake:read']);
    const { status, body } = await server.call('get_lineage', { dataset_id: one }, reader.secret);
    expect(status).toBe(200);
    expect(body.items).toMatchObject([{ version: 'v1', jobs: [] }]);
  });

  test('takes one way at a time, and none that leads nowhere', async () => {
    const call = (more: object) => server.call('get_lineage', { dataset_id: id, ...more });
    expectFailure(await call({ version: 'v1', object_key: 'a.csv' }), 422, 'VALIDATION_FAILED');
    expectFailure(await call({ index: "idx_' or 1=1" }), 404, 'NOT_FOUND');
    expectFailure(await call({ version: 'v9' }), 404, 'NOT_FOUND');
    expect((await lake.ok('get_lineage', { dataset_id: id, object_key: 'none' })).items).toEqual([]);
  });
});

describe('scopes', () => {
  test.each([
    ['update_dataset', { name: 'x' }, 'lake:write'],
    ['remove_dataset_object', { object_key: 'a.csv' }, 'lake:write'],
    ['rollback_dataset', { version: 'v1' }, 'lake:write'],
    ['create_multipart_upload', { object_key: 'a.csv' }, 'lake:write'],
    ['delete_dataset', {}, 'lake:destroy'],
    ['delete_version', { version: 'v1' }, 'lake:destroy'],
  ])('%s is not for a reader', async (name, more, scope) => {
    const reader = await server.token(`reader-${name}`, [
      'lake:read',
      ...(scope === 'lake:destroy' ? ['lake:write'] : []),
    ]);
    const answer = await changesNothing(server, () => server.call(name, { dataset_id: id, ...more }, reader.secret));
    expect(expectFailure(answer, 403, 'FORBIDDEN').message).toContain(scope);
  });
});

test('times of objects are told to the millisecond, as JavaScript writes them', async () => {
  const one = await lake.dataset('times');
  const times: [string, string][] = [
    ['2026-01-02 03:04:05+00', '2026-01-02T03:04:05.000Z'],
    ['2026-01-02 03:04:05.6+02', '2026-01-02T01:04:05.600Z'],
    ['2026-01-02 03:04:05.678912+00', '2026-01-02T03:04:05.678Z'],
    ['0001-01-01 00:00:00.1+00', '0001-01-01T00:00:00.100Z'],
  ];
  for (const at of times.keys()) await lake.upload(one, `${at}.csv`, `a\n${at}\n`);
  await lake.commit(one, 'v1');
  for (const [at, [time]] of times.entries()) {
    await sql`
      update lake_manifest_objects o set last_modified = ${time} from dataset_versions v
      where v.dataset_id = ${one} and v.manifest_id = o.manifest_id and o.key = ${`${at}.csv`}`.execute(
      server.database.db,
    );
  }
  expect((await lake.objects(one)).map(({ last_modified }) => last_modified)).toEqual(times.map(([, told]) => told));
});
