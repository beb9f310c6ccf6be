import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lake, lakeOf } from './support/lake.ts';
import { policiesOf } from './support/policies.ts';
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

test('lazy does nothing until somebody searches; then one job serves all who do', async () => {
  const id = await lake.dataset('lazy');
  await policies.set(id, 'lazy');
  await policies.commit(id, 'v1', ['ant']);
  expect(await policies.jobs(id)).toEqual([]);
  const { secret } = await server.token('lazy-reader', ['reader']);
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => server.call('search_dataset', { dataset_id: id, query: 'ant' }, secret)),
  );
  const building = answers.filter(({ status }) => status !== 200);
  expect(building.length).toBeGreaterThan(0);
  for (const { status, body } of building) {
    expect([status, body.error]).toMatchObject([503, { code: 'INDEX_BUILDING', retryable: true }]);
  }
  const ids = new Set(building.map(({ body }) => body.error.details.job_id));
  expect([...ids]).toEqual((await policies.jobs(id)).map((job) => job.id));
  await policies.until(id, { served_version: 'v1' });
  expect(await lake.search(id, 'ant')).not.toHaveProperty('stale');

  await policies.commit(id, 'v2', ['ant', 'antelope']);
  expect(await policies.jobs(id)).toHaveLength(1);
  const stale = await lake.search(id, 'ant');
  expect(stale).toMatchObject({ served_version: 'v1', stale: true, wanted_version: 'v2', job_id: expect.any(String) });
  await lake.ended({ id: stale.job_id });
  expect(await lake.search(id, 'antelope')).toMatchObject({ served_version: 'v2', items: [{ row: { id: 1 } }] });
});

test('under lazy, an ingest of no version in particular is one more reader of the one job', async () => {
  const id = await lake.dataset('single-flight');
  await policies.set(id, 'lazy');
  await policies.commit(id, 'v1', ['ant']);
  const start = (more: object = {}, token?: string) =>
    server.call('start_ingest', { dataset_id: id, target: 'lance', ...more }, token);
  const jobs = (await Promise.all([start(), start(), start()])).map(({ body }) => body);
  expect(jobs).toMatchObject(jobs.map(() => ({ kind: 'lake.ingest', metadata: { policy: 'lazy' } })));
  expect(new Set(jobs.map((job) => job.id)).size).toBe(1);
  const { secret } = await server.token('flies-alone', ['writer']);
  const own = (await start({}, secret)).body;
  expect(own.id).not.toBe(jobs[0].id);
  expect((await start({ options: { mode: 'rebuild' } })).body.id).not.toBe(jobs[0].id);
  await policies.until(id, { served_version: 'v1' });
});

test('lazy waits for the index as long as it is told to, and gives nothing old where that is not allowed', async () => {
  const id = await lake.dataset('patient');
  await policies.set(id, 'lazy', { wait_ms: 40_000, allow_stale: false });
  await policies.commit(id, 'v1', ['ant']);
  expect(await lake.search(id, 'ant')).toMatchObject({ served_version: 'v1', items: [{}] });
  await policies.commit(id, 'v2', ['bee']);
  expect(await lake.search(id, 'bee')).toMatchObject({ served_version: 'v2', items: [{}] });
  await policies.set(id, 'lazy', { allow_stale: false });
  await policies.commit(id, 'v3', ['cow']);
  const { status, body } = await server.call('search_dataset', { dataset_id: id, query: 'cow' });
  expect([status, body.error.code]).toEqual([503, 'INDEX_BUILDING']);
});

test('an index that nobody used for long enough is dropped, and comes back with the next search', async () => {
  const id = await lake.dataset('evicted');
  await policies.set(id, 'lazy', { wait_ms: 40_000, evict_after: 1 });
  await policies.commit(id, 'v1', ['ant']);
  await lake.search(id, 'ant');
  const target = await policies.until(id, { state: 'waiting' });
  expect(target).not.toHaveProperty('served_version');
  expect(await lake.search(id, 'ant')).toMatchObject({ served_version: 'v1', items: [{}] });
});
