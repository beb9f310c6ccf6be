import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createReconcile } from '../src/capabilities/lake/policies/reconcile.ts';
import { advanceDataset } from '../src/capabilities/lake/store.ts';
import { findVersion, insertVersion, type VersionRow } from '../src/capabilities/lake/versions/store.ts';
import { revokeToken } from '../src/core/auth/store.ts';
import { inTransaction } from '../src/core/db/database.ts';
import type { Cause } from '../src/core/events/cause.ts';
import { setCause } from '../src/core/events/store.ts';
import { type Lake, lakeOf } from './support/lake.ts';
import { policiesOf, table } from './support/policies.ts';
import { fire } from './support/schedule.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let lake: Lake;
let policies: ReturnType<typeof policiesOf>;
beforeAll(async () => {
  server = await startTestServer();
  lake = lakeOf(server);
  policies = policiesOf(lake);
});
afterAll(() => server.stop());

/** The id must be there and be one of a kind: what breaks it is a version that must not be served. */
const contract = {
  apiVersion: 'v3.1.0',
  kind: 'DataContract',
  id: 'words',
  version: '1.0.0',
  status: 'active',
  schema: [{ name: 'words', properties: [{ name: 'word', required: true }] }],
};
const broken = 'id,word\n0,\n';

test('policies are an open model: what nobody knows is kept and says so, what we know is checked', async () => {
  const id = await lake.dataset('open');
  await policies.set(id, 'nightly', { cron: '0 3 * * *', nested: { a: [1] } });
  await policies.set(id, 'hot-index', { rebuild_ratio: 0.5, colour: 'red' });
  await policies.set(id, 'lazy', {}, false);
  const { policies: listed } = await lake.ok('list_policies', { dataset_id: id });
  expect(listed).toEqual([
    {
      name: 'hot-index',
      enabled: true,
      params: { rebuild_ratio: 0.5, colour: 'red' },
      enforced: true,
      rules: true,
      effective_params: {
        ...{ priority: 0, rebuild_ratio: 0.5, keep_previous: 1, warm_queries: [], max_lag_s: null, verify: true },
      },
      ignored_params: ['colour'],
    },
    {
      name: 'lazy',
      enabled: false,
      params: {},
      enforced: true,
      rules: false,
      effective_params: { priority: 0, allow_stale: true, wait_ms: 0, max_staleness: null, evict_after: null },
    },
    {
      name: 'nightly',
      enabled: true,
      params: { cron: '0 3 * * *', nested: { a: [1] } },
      enforced: false,
      rules: false,
    },
  ]);
  const dataset = await lake.ok('get_dataset', { dataset_id: id });
  expect(dataset.policies.map(({ name, enforced }: { name: string; enforced: boolean }) => [name, enforced])).toEqual([
    ['hot-index', true],
    ['lazy', true],
    ['nightly', false],
  ]);
  expect(await lake.ok('remove_policy', { dataset_id: id, policy_name: 'nightly' })).toEqual({ ok: true });
  expect(await lake.ok('remove_policy', { dataset_id: id, policy_name: 'nightly' })).toEqual({ ok: true });
  expect((await lake.ok('list_policies', { dataset_id: id })).policies).toHaveLength(2);
});

test.each([
  ['hot-index', { rebuild_ratio: 2 }],
  ['hot-index', { warm_queries: 'all' }],
  ['busy-beaver', { scope: 'world' }],
  ['busy-beaver', { debounce_ms: -1 }],
  ['lazy', { wait_ms: 1e9 }],
  ['lazy', { evict_after: 'soon' }],
  ['lazy', { targets: [] }],
])('%s refuses %j', async (name, params) => {
  const id = await lake.dataset(`refuses-${Math.random()}`);
  const { status, body } = await server.call('set_policy', { dataset_id: id, policy: { name, params } });
  expect([status, body.error.code]).toEqual([422, 'VALIDATION_FAILED']);
  expect(body.error.details.issues[0].path).toBe(`policy.params.${Object.keys(params)[0]}`);
  expect((await lake.ok('list_policies', { dataset_id: id })).policies).toEqual([]);
});

test('policies are for who may write the lake, and of datasets that are there', async () => {
  const id = await lake.dataset('guarded');
  const { secret } = await server.token('policy-reader', ['reader']);
  const policy = { name: 'lazy' };
  expect(await server.call('set_policy', { dataset_id: id, policy }, secret)).toMatchObject({ status: 403 });
  expect(await server.call('remove_policy', { dataset_id: id, policy_name: 'lazy' }, secret)).toMatchObject({
    status: 403,
  });
  expect(await server.call('list_policies', { dataset_id: id }, secret)).toMatchObject({ status: 200 });
  for (const [name, more] of [
    ['set_policy', { policy }],
    ['remove_policy', { policy_name: 'lazy' }],
    ['list_policies', {}],
  ] as const) {
    expect(await server.call(name, { dataset_id: 'ds_none', ...more })).toMatchObject({ status: 404 });
  }
});

test('busy-beaver validates and ingests each commit by itself, of several that come together the newest', async () => {
  const id = await lake.dataset('beaver');
  await policies.set(id, 'busy-beaver', { debounce_ms: 300 });
  await policies.commit(id, 'v1', ['ant']);
  await policies.until(id, { served_version: 'v1' });
  const first = await policies.quiet(id);
  expect(first.map(({ kind, state, metadata }) => [kind, state, metadata.policy])).toEqual([
    ['lake.validate', 'succeeded', 'busy-beaver'],
    ['lake.ingest', 'succeeded', 'busy-beaver'],
  ]);
  for (const version of ['v2', 'v3', 'v4']) await policies.commit(id, version, ['ant', `bee of ${version}`]);
  await policies.until(id, { served_version: 'v4' });
  const { items, served_version } = await lake.search(id, 'bee');
  expect([served_version, items.map((item: { row: object }) => item.row)]).toEqual([
    'v4',
    [{ id: 1, word: 'bee of v4' }],
  ]);
  const later = (await policies.quiet(id)).slice(first.length).filter((job) => job.kind === 'lake.ingest');
  expect(later.map((job) => job.metadata.version)).toEqual(['v4']);
  expect(await policies.target(id)).toEqual({
    target: 'lance',
    state: 'served',
    wanted_version: 'v4',
    served_version: 'v4',
  });
});

test('hot-index: a version that its contract refuses is not served, and says why; the next good one is', async () => {
  const id = await lake.dataset('hot');
  await lake.ok('set_contract', { dataset_id: id, contract });
  await policies.commit(id, 'v1', ['ant']);
  await policies.set(id, 'hot-index', { warm_queries: ['ant', 'nothing like it'] });
  await policies.until(id, { served_version: 'v1' });

  await lake.upload(id, 'table.csv', broken);
  await lake.commit(id, 'v2');
  const blocked = await policies.until(id, { state: 'blocked' });
  expect(blocked).toMatchObject({ wanted_version: 'v2', served_version: 'v1', reason: 'validation' });
  expect(blocked.failed_rules.length).toBeGreaterThan(0);
  expect(await lake.ok('job_status', { job_id: blocked.job_id })).toMatchObject({ kind: 'lake.validate' });
  expect(await lake.ok('get_dataset', { dataset_id: id })).toMatchObject({ state: 'failed', version: 'v2' });
  expect((await lake.search(id, 'ant')).served_version).toBe('v1');
  const jobs = await policies.jobs(id);
  expect(jobs.filter((job) => job.kind === 'lake.ingest')).toHaveLength(1);

  await policies.commit(id, 'v3', ['ant', 'cat']);
  await policies.until(id, { served_version: 'v3', state: 'served' });
  const before = await policies.quiet(id);
  await lake.ok('rollback_dataset', { dataset_id: id, version: 'v1' });
  expect(await policies.target(id)).toMatchObject({ served_version: 'v1', wanted_version: 'v1', state: 'served' });
  expect((await lake.search(id, 'cat')).items).toEqual([]);
  expect(await policies.jobs(id)).toEqual(before);
  await policies.commit(id, 'v4', ['dog']);
  await policies.until(id, { served_version: 'v4', state: 'served' });
});

test('a contract that changes has what it blocked looked at again', async () => {
  const id = await lake.dataset('recontracted');
  await lake.ok('set_contract', { dataset_id: id, contract });
  await lake.upload(id, 'table.csv', broken);
  await lake.commit(id, 'v1');
  await policies.set(id, 'hot-index');
  await policies.until(id, { state: 'blocked' });
  const loose = { ...contract, schema: [{ name: 'words', properties: [{ name: 'word' }] }] };
  await lake.ok('set_contract', { dataset_id: id, contract: loose });
  await policies.until(id, { state: 'served' });
});

test('a job that did its part and is not over yet is not waited for', async () => {
  const id = await lake.dataset('not-over');
  await lake.ok('set_contract', { dataset_id: id, contract });
  await lake.upload(id, 'table.csv', broken);
  await lake.commit(id, 'v1');
  await policies.set(id, 'hot-index');
  const { job_id } = await policies.until(id, { state: 'blocked' });
  await policies.quiet(id);
  // As between the look at the end of a job and its end, when no other look is to come.
  const { db } = server.database;
  await sql`update jobs set state = 'running', finished_at = null where id = ${job_id}`.execute(db);
  await sql`insert into lake_concluded values (${job_id}, ${id}, 'succeeded', now()) on conflict do nothing`.execute(
    db,
  );
  const loose = { ...contract, schema: [{ name: 'words', properties: [{ name: 'word' }] }] };
  await lake.ok('set_contract', { dataset_id: id, contract: loose });
  await policies.until(id, { state: 'served' });
  await sql`update jobs set state = 'succeeded', finished_at = now() where id = ${job_id}`.execute(db);
});

test('a policy acts as who put it: once that token is revoked it is paused, and goes on when it is put again', async () => {
  const id = await lake.dataset('revoked');
  const { secret, id: token } = await server.token('put-er', ['writer']);
  const policy = { name: 'busy-beaver', params: { debounce_ms: 0 } };
  expect(await server.call('set_policy', { dataset_id: id, policy }, secret)).toMatchObject({ status: 200 });
  await policies.commit(id, 'v1', ['ant']);
  await policies.until(id, { served_version: 'v1' });
  const own = await server.call('list_jobs', { dataset_id: id }, secret);
  expect(own.body.items).toHaveLength(2);

  await revokeToken(server.database.db, token);
  await policies.commit(id, 'v2', ['bee']);
  expect(await policies.target(id)).toMatchObject({ state: 'paused', served_version: 'v1' });
  const [shown] = (await lake.ok('list_policies', { dataset_id: id })).policies;
  expect(shown).toMatchObject({ rules: false, paused: 'the token that put it was revoked' });
  expect(await policies.jobs(id)).toHaveLength(2);
  await lake.ok('set_policy', { dataset_id: id, policy });
  await policies.until(id, { served_version: 'v2' });
});

test('of two policies that are on the hotter one rules; without any, nothing happens by itself', async () => {
  const id = await lake.dataset('two');
  await policies.set(id, 'lazy');
  await policies.set(id, 'hot-index');
  await policies.commit(id, 'v1', ['ant']);
  await policies.until(id, { served_version: 'v1' });
  await lake.ok('remove_policy', { dataset_id: id, policy_name: 'hot-index' });
  const before = await policies.quiet(id);
  await policies.commit(id, 'v2', ['bee']);
  expect(await policies.target(id)).toMatchObject({ state: 'stale', served_version: 'v1' });
  await lake.ok('remove_policy', { dataset_id: id, policy_name: 'lazy' });
  expect(await lake.search(id, 'bee')).toMatchObject({ served_version: 'v1', items: [] });
  expect(await policies.jobs(id)).toEqual(before);
  expect((await lake.ok('get_dataset', { dataset_id: id })).policies).toEqual([]);
});

test('with scope object, what is uploaded is committed, validated and ingested by itself', async () => {
  const id = await lake.dataset('objects');
  await policies.set(id, 'busy-beaver', { scope: 'object', debounce_ms: 400 });
  await lake.upload(id, 'a.csv', table(['ant']));
  await lake.upload(id, 'b.csv', table(['bee']));
  await policies.until(id, { state: 'served' });
  const { version } = await lake.ok('get_dataset', { dataset_id: id });
  expect(version).toMatch(/^auto-\d{8}T\d{6}\.\d{3}Z$/);
  expect((await lake.search(id, 'bee')).items).toHaveLength(1);
  await lake.upload(id, 'c.csv', table(['cow']));
  for (;;) {
    const { served_version } = await policies.target(id);
    if (served_version !== version) break;
  }
  expect((await lake.search(id, 'cow')).items).toHaveLength(1);
  const kinds = (await policies.jobs(id)).map((job) => job.kind);
  expect(kinds.filter((kind) => kind === 'lake.commit_uploads')).toHaveLength(2);
});

test('an index that lags for too long is told of once', async () => {
  const id = await lake.dataset('lagging');
  const { next: since } = await lake.ok('poll_events', {});
  await lake.ok('set_contract', { dataset_id: id, contract });
  await policies.set(id, 'hot-index', { max_lag_s: 0.5 });
  await lake.upload(id, 'table.csv', broken);
  await lake.commit(id, 'v1');
  const wanted = { since, dataset_id: id, kinds: ['dataset.lagging'] };
  const { items, next } = await lake.ok('poll_events', { ...wanted, wait_s: 30 });
  expect(items).toMatchObject([
    {
      subject: `dataset:${id}`,
      data: { id, lagging: { target: 'lance', wanted_version: 'v1', lag_s: expect.any(Number) } },
    },
  ]);
  await lake.ok('validate', { dataset_id: id }).then(lake.ended);
  expect((await lake.ok('poll_events', { ...wanted, since: next })).items).toEqual([]);
});

test('a policy does nothing about what came of its own doing', async () => {
  const id = await lake.dataset('loop');
  await policies.set(id, 'hot-index');
  await policies.commit(id, 'v1', ['ant']);
  await policies.until(id, { served_version: 'v1' });
  await policies.quiet(id);
  const { db } = server.database;
  const reconcile = createReconcile({
    jobs: { enqueue: () => Promise.reject(new Error('nothing is to be started')) },
    objects: { kind: 'disk' },
    lastValidation: async () => undefined,
  });
  const decisions = await inTransaction(db, async (tx) => {
    // As when something that heard of the ingest, such as a workflow, makes a version.
    const { rows } = await sql<{ cause: Cause }>`
      select cause from jobs where dataset_id = ${id} and kind = 'lake.ingest'`.execute(tx);
    expect(rows).toMatchObject([{ cause: { depth: 1, via: [`lake.policy:${id}`] } }]);
    await setCause(tx, rows[0]?.cause as Cause);
    const { manifest_id, bytes } = (await findVersion(tx, id, 'v1')) as VersionRow;
    await insertVersion(tx, {
      dataset_id: id,
      version: 'v2',
      manifest_id,
      parent: 'v1',
      bytes,
      metadata: {},
      job_id: null,
    });
    await advanceDataset(tx, id, { version: 'v2', bytes });
    return reconcile(tx, id);
  });
  expect(decisions.get('lance')?.standing).toMatchObject({ state: 'blocked' });
  expect(await policies.target(id)).toMatchObject({ state: 'blocked', served_version: 'v1' });
  await policies.commit(id, 'v3', ['cow']);
  await policies.until(id, { served_version: 'v3' });
});

test('what nothing told of is found by the scheduled look, and a second look finds nothing', async () => {
  const id = await lake.dataset('drifted');
  await policies.set(id, 'hot-index', { keep_previous: 0 });
  await policies.commit(id, 'v1', ['ant']);
  await policies.until(id, { served_version: 'v1' });
  await policies.set(id, 'hot-index', {}, false);
  await policies.commit(id, 'v2', ['bee']);
  await sql`update lake_policies set enabled = true where dataset_id = ${id}`.execute(server.database.db);
  await fire(server, 'lake-reconcile');
  await policies.until(id, { served_version: 'v2' });
  const before = await policies.quiet(id);
  await fire(server, 'lake-reconcile');
  expect(await policies.quiet(id)).toEqual(before);
});

test('an ingest of a policy that somebody cancels is not begun again by itself, but when the policy is put again', async () => {
  const id = await lake.dataset('canceled-automatic');
  await policies.set(id, 'busy-beaver', { debounce_ms: 0, on_validation_fail: 'warn' });
  await lake.upload(id, 'big.csv', table(Array.from({ length: 200_000 }, (_, n) => `word ${n}`)));
  await lake.commit(id, 'v1');
  const { job_id } = await policies.until(id, { state: 'building' });
  expect(await lake.ok('cancel_job', { job_id, reason: 'not now' })).toMatchObject({ canceled: true });
  expect(await lake.ended({ id: job_id })).toMatchObject({ state: 'canceled' });
  // One that still waited in the queue ends without a word: the scheduled look finds it.
  await fire(server, 'lake-reconcile');
  expect(await policies.until(id, { state: 'blocked' })).toMatchObject({ reason: 'the ingest was canceled', job_id });
  await fire(server, 'lake-reconcile');
  expect(await policies.target(id)).toMatchObject({ state: 'blocked' });
  await policies.set(id, 'busy-beaver', { debounce_ms: 0 });
  await policies.until(id, { served_version: 'v1' });
});

test('somebody’s own ingest of an older version is served until the policy has put things right', async () => {
  const id = await lake.dataset('own');
  await policies.set(id, 'hot-index', { keep_previous: 0 });
  await policies.commit(id, 'v1', ['ant']);
  await policies.until(id, { served_version: 'v1' });
  await policies.commit(id, 'v2', ['bee']);
  await policies.until(id, { served_version: 'v2' });
  await policies.quiet(id);
  const job = await lake.ingest(id, { options: { version: 'v1' } });
  expect(job).toMatchObject({ state: 'succeeded', metadata: { version: 'v1', served: true } });
  await policies.until(id, { served_version: 'v2' });
  expect((await lake.search(id, 'bee')).items).toHaveLength(1);
});

test('commits that come while jobs run: every search answers wholly one version, and the last one ends up served', async () => {
  const id = await lake.dataset('busy');
  await policies.set(id, 'hot-index');
  const rows = (version: string) => Array.from({ length: 500 }, () => `word${version} zebra`);
  await policies.commit(id, 'v0', rows('v0'));
  await policies.until(id, { served_version: 'v0' });
  let searches = 0;
  const done = new AbortController();
  const reader = async () => {
    while (!done.signal.aborted) {
      const { items, served_version } = await lake.search(id, 'zebra', { page_size: 20 });
      const words = new Set(items.map((item: { row: { word: string } }) => item.row.word));
      expect([...words]).toEqual([`word${served_version} zebra`]);
      searches += 1;
    }
  };
  const reading = Promise.all([reader(), reader()]);
  const versions = Array.from({ length: 8 }, (_, n) => `v${n + 1}`);
  for (const version of versions) await policies.commit(id, version, rows(version));
  await policies.until(id, { served_version: 'v8' });
  done.abort();
  await reading;
  expect(searches).toBeGreaterThan(0);
  const jobs = await policies.quiet(id);
  expect(jobs.every((job) => ['succeeded', 'canceled'].includes(job.state))).toBe(true);
  const ingests = jobs.filter((job) => job.kind === 'lake.ingest').map((job) => job.metadata.version);
  expect(new Set(ingests).size).toBe(ingests.length);
});
