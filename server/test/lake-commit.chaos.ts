import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectFailure } from './support/failure.ts';
import { lakeOf } from './support/lake.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { makeTempDir } from './support/temp-dir.ts';

const root = makeTempDir('commit-root');
let server: TestServer;
let lake: ReturnType<typeof lakeOf>;
beforeAll(async () => {
  server = await startTestServer(['--lake-roots', pathToFileURL(root).href]);
  lake = lakeOf(server);
});
afterAll(() => server.stop());

const commit = (dataset_id: string, version: string, more: object = {}) =>
  server.call('commit_dataset_version', { dataset_id, version, ...more });

/** A dataset in a directory of so many files, which is too much for a call. */
async function inPlace(name: string, files: number): Promise<string> {
  mkdirSync(path.join(root, name));
  for (let at = 0; at < files; at += 1) writeFileSync(path.join(root, name, `f${at}.txt`), `${name} ${at}`);
  const uri = pathToFileURL(path.join(root, name)).href;
  return (await lake.ok('register_dataset', { name, uri })).id;
}

/** As if one object had been uploaded under so many keys. */
async function multiply(dataset_id: string, count: number): Promise<void> {
  await lake.upload(dataset_id, 'first.txt', 'the same bytes');
  await sql`
    insert into uploads (id, holder, object_key, content_type, size, expires_at, staging_key, sha256, etag, received_at)
    select id || '-' || lpad(at::text, 8, '0'), holder, 'many/' || lpad(at::text, 8, '0') || '.txt', content_type, size,
      expires_at, staging_key, sha256, etag, received_at
    from uploads, generate_series(1, ${count - 1}::int) as at where holder = ${dataset_id}`.execute(server.database.db);
}

describe('a commit that is a job', () => {
  test('answers at once with the job, keeps its name meanwhile, and makes the version', async () => {
    const id = await inPlace('job', 450);
    const answer = await commit(id, 'v1', { metadata: { by: 'me' } });
    expect(answer).toMatchObject({ status: 200, body: { state: 'staged', metadata: { job_id: expect.any(String) } } });
    expect(answer.body.version).toBeUndefined();
    const { job_id } = answer.body.metadata;
    const [same, other] = [await commit(id, 'v1'), await commit(id, 'v2')];
    const job = await lake.ended({ id: job_id });
    expect(job).toMatchObject({ state: 'succeeded', metadata: { version: 'v1', objects: 450 } });
    // The job may have been faster than these calls.
    if (same.body.metadata.job_id !== undefined) expect(same.body.metadata.job_id).toBe(job_id);
    if (other.status !== 200) {
      expect(expectFailure(other, 409, 'VERSION_CONFLICT').details).toEqual({ version: 'v1', job_id });
    }
    const version = await lake.ok('get_version', { dataset_id: id, version: 'v1' });
    expect(version).toMatchObject({ objects: 450, job_id, metadata: { by: 'me' } });
    expect((await lake.ok('get_lineage', { dataset_id: id, version: 'v1' })).items[0].jobs).toMatchObject([
      { id: job_id, kind: 'lake.commit' },
    ]);
  });

  test('that is canceled makes no version, and the next one goes through', async () => {
    const id = await inPlace('canceled', 1500);
    const { body } = await commit(id, 'v1');
    await lake.ok('cancel_job', { job_id: body.metadata.job_id });
    expect(await lake.ended({ id: body.metadata.job_id })).toMatchObject({ state: 'canceled' });
    expectFailure(await server.call('get_version', { dataset_id: id, version: 'v1' }), 404, 'NOT_FOUND');
    expect(await lake.commit(id, 'v1')).toMatchObject({ version: 'v1' });
    expect(await lake.ok('get_version', { dataset_id: id })).toMatchObject({ objects: 1500 });
  });

  test('of 100,000 objects takes little memory, and lists and differences read pages of it', async () => {
    const id = await lake.dataset('hundred-thousand');
    // Statistics may come from a moment in which these tables were empty.
    await sql`analyze uploads, lake_commit_objects, lake_manifest_objects`.execute(server.database.db);
    await multiply(id, 100_000);
    let peak = 0;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
    const before = process.memoryUsage().rss;
    await lake.commit(id, 'v1');
    clearInterval(watch);
    expect(peak - before).toBeLessThan(400 * 2 ** 20);
    expect(await lake.ok('get_version', { dataset_id: id })).toMatchObject({ objects: 100_000, bytes: 1_400_000 });
    const { rows } = await sql<{ left: number }>`
      select (select count(*) from uploads where holder = ${id}) + (select count(*) from lake_commit_objects) as left
    `.execute(server.database.db);
    expect(rows).toEqual([{ left: 0 }]);

    await lake.upload(id, 'many/00050000.txt', 'other bytes');
    await lake.ok('remove_dataset_object', { dataset_id: id, object_key: 'first.txt' });
    await lake.commit(id, 'v2');
    expect(await lake.ok('diff_versions', { dataset_id: id, from: 'v1' })).toMatchObject({
      totals: { added: 0, removed: 1, changed: 1, unchanged: 99_998 },
      items: [{ key: 'first.txt' }, { key: 'many/00050000.txt' }],
    });
    const { items } = await lake.ok('list_objects', { dataset_id: id, prefix: 'many/0005000', page_size: 1000 });
    expect(items).toHaveLength(10);
  });
});

describe('two commits at once', () => {
  test('of one name and content give one version', async () => {
    const id = await lake.dataset('twins');
    await lake.upload(id, 'a.csv', 'a\n1\n');
    const answers = await Promise.all([1, 2, 3, 4].map(() => commit(id, 'v1')));
    expect(answers.map((answer) => [answer.status, answer.body.version])).toEqual(Array(4).fill([200, 'v1']));
    expect((await lake.ok('list_versions', { dataset_id: id })).items).toHaveLength(1);
  });

  test('of two names give two versions, one on top of the other', async () => {
    const id = await lake.dataset('rivals');
    await lake.upload(id, 'a.csv', 'a\n1\n');
    const answers = await Promise.all(['v1', 'v2', 'v3'].map((version) => commit(id, version)));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    const { items } = await lake.ok('list_versions', { dataset_id: id });
    expect(new Set(items.map((item: { manifest_id: string }) => item.manifest_id)).size).toBe(1);
    expect(items[0].parent).toBe(items[1].version);
    expect(items[1].parent).toBe(items[2].version);
    expect(items[2].parent).toBeUndefined();
  });

  test('as jobs exclude each other, and a rollback meanwhile is built on', async () => {
    const id = await lake.dataset('rebased');
    await lake.upload(id, 'old.csv', 'a\n1\n');
    await lake.commit(id, 'v1');
    await lake.upload(id, 'newer.csv', 'a\n1\n');
    await lake.commit(id, 'v2');
    await multiply(id, 1500);
    const { body } = await commit(id, 'v3');
    await lake.ok('rollback_dataset', { dataset_id: id, version: 'v1' });
    expect(await lake.ended({ id: body.metadata.job_id })).toMatchObject({ state: 'succeeded' });
    const { parent, objects } = await lake.ok('get_version', { dataset_id: id, version: 'v3' });
    // Whichever came first: the version holds what its parent held.
    expect([parent, objects]).toEqual(parent === 'v1' ? ['v1', 1501] : ['v2', 1502]);
  });
});

test('what fails says so and leaves the dataset free', async () => {
  const id = await lake.dataset('lost-bytes');
  await multiply(id, 1200);
  await sql`
    update uploads set staging_key = 'none', sha256 = ${'0'.repeat(64)}
    where holder = ${id} and object_key = 'many/00001100.txt'`.execute(server.database.db);
  const { body } = await commit(id, 'v1');
  expect(await lake.ended({ id: body.metadata.job_id })).toMatchObject({
    state: 'failed',
    error: { code: 'NOT_FOUND', suggestion: expect.stringContaining('create_presigned_upload') },
  });
  expect(await lake.ok('get_dataset', { dataset_id: id })).toMatchObject({ state: 'failed' });
  await lake.upload(id, 'many/00001100.txt', 'good');
  await lake.commit(id, 'v1');
  expect(await lake.ok('get_version', { dataset_id: id })).toMatchObject({ objects: 1200, bytes: 1199 * 14 + 4 });
});
