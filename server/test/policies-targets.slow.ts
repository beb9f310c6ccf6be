import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lake, lakeOf } from './support/lake.ts';
import { policiesOf, table } from './support/policies.ts';
import { startTestServer, type TestServer } from './support/server.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

let server: TestServer;
let lake: Lake;
let policies: ReturnType<typeof policiesOf>;
beforeAll(async () => {
  server = await startTestServer();
  lake = lakeOf(server);
  policies = policiesOf(lake);
});
afterAll(() => server.stop());

const all = ['lance', 'parquet', 'postgres'];

/** Waits until every target of a dataset has one of these states, and answers them by name. */
async function settled(dataset_id: string, states: readonly string[]): Promise<Record<string, Body>> {
  for (;;) {
    await policies.quiet(dataset_id);
    const { targets = [] } = await lake.ok('get_dataset', { dataset_id });
    if (targets.length > 0 && targets.every(({ state }: Body) => states.includes(state)))
      return Object.fromEntries(targets.map(({ target, ...more }: Body) => [target, more]));
  }
}

test('one policy keeps several targets, one after the other, each with its own standing', async () => {
  const id = await lake.dataset('several');
  await policies.set(id, 'busy-beaver', { targets: all, debounce_ms: 0, max_parallel: 1 });
  await policies.commit(id, 'v1', ['ant']);
  await settled(id, ['served']);
  await policies.commit(id, 'v2', ['ant', 'bee']);
  const served = { state: 'served', wanted_version: 'v2', served_version: 'v2' };
  expect(await settled(id, ['served'])).toEqual(Object.fromEntries(all.map((target) => [target, served])));
  for (const target of ['lance', 'postgres']) expect((await lake.search(id, 'bee', { target })).items).toHaveLength(1);
  expect((await lake.ok('list_export_files', { dataset_id: id })).items[0].rows).toBe(2);

  const jobs = await policies.quiet(id);
  expect(jobs.map(({ kind }) => kind).filter((kind) => kind === 'lake.validate')).toHaveLength(2);
  const ingests = jobs.filter(({ kind }) => kind === 'lake.ingest');
  expect(ingests).toHaveLength(6);
  for (const [at, job] of ingests.slice(1).entries())
    expect(job.started_at >= ingests[at].created_at, 'one ends before the next is asked for').toBe(true);
});

test('what one target refuses stops that one alone', async () => {
  const id = await lake.dataset('refused');
  await policies.set(id, 'hot-index', { targets: [...all, 'nosuch'], mapping: { id: 'id', text: ['word'] } });
  await policies.commit(id, 'v1', ['ant']);
  const targets = await settled(id, ['served', 'blocked']);
  expect(targets).toMatchObject({
    lance: { state: 'served' },
    postgres: { state: 'served' },
    parquet: { state: 'blocked', reason: 'the ingest failed' },
    nosuch: { state: 'blocked', reason: 'the ingest failed' },
  });
  const error = async (name: string) => (await lake.ok('job_status', { job_id: targets[name]?.job_id })).error;
  expect(await error('parquet')).toMatchObject({ code: 'VALIDATION_FAILED' });
  expect(await error('nosuch')).toMatchObject({ code: 'TARGET_NOT_AVAILABLE' });
});

test('a policy is about its own targets; another one that is served stays as it is', async () => {
  const id = await lake.dataset('own');
  await policies.commit(id, 'v1', ['ant']);
  await lake.ingest(id, { target: 'postgres' });
  await policies.set(id, 'hot-index', { targets: ['lance'] });
  await policies.commit(id, 'v2', ['bee']);
  const targets = await settled(id, ['served', 'stale']);
  expect(targets.lance).toMatchObject({ state: 'served', served_version: 'v2' });
  expect(targets.postgres).toMatchObject({ state: 'stale', served_version: 'v1' });
});

test('with scope object, parts of an upload are committed and ingested once they are one object', async () => {
  const id = await lake.dataset('parts');
  await policies.set(id, 'busy-beaver', { scope: 'object', debounce_ms: 0 });
  const bytes = table(['ant', 'bee']);
  const begun = await lake.ok('create_multipart_upload', { dataset_id: id, object_key: 'a.csv', part_size: 5_242_880 });
  const answer = await fetch(begun.parts[0].url, { method: 'PUT', headers: begun.parts[0].headers, body: bytes });
  expect(answer.status).toBe(200);
  const etag = answer.headers.get('etag');
  expect((await lake.ok('get_dataset', { dataset_id: id })).version).toBeUndefined();
  await lake.ok('complete_multipart_upload', { upload_id: begun.upload_id, parts: [{ part_number: 1, etag }] });
  expect(await settled(id, ['served'])).toMatchObject({ lance: { served_version: expect.stringMatching(/^auto-/) } });
  expect((await lake.search(id, 'bee')).items).toHaveLength(1);
});

test('a name that nobody knows is kept word for word, and enforces nothing', async () => {
  const id = await lake.dataset('unknown');
  const policy = { name: 'tidy-otter.v2', enabled: true, params: { 'odd key': [1, { nested: 'ü💾' }], targets: 7 } };
  await lake.ok('set_policy', { dataset_id: id, policy });
  await policies.commit(id, 'v1', ['ant']);
  expect((await lake.ok('list_policies', { dataset_id: id })).policies).toMatchObject([
    { ...policy, enforced: false, rules: false },
  ]);
  expect((await lake.ok('get_dataset', { dataset_id: id })).policies).toEqual([{ ...policy, enforced: false }]);
  expect(await policies.jobs(id)).toEqual([]);
});
