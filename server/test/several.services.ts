import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readAnchor } from '../src/core/audit/anchor.ts';
import { type Lake, lakeOf } from './support/lake.ts';
import { csv } from './support/lake-load.ts';
import { runTutti, type ServeProcess, type WorkerProcess } from './support/serve-process.ts';
import { createSite, type Site } from './support/several.ts';
import { openSse } from './support/sse.ts';

// Two servers that run no jobs and one worker on one PostgreSQL and one bucket.
let site: Site;
let a: ServeProcess;
let b: ServeProcess;
let worker: WorkerProcess;
let onA: Lake;
let onB: Lake;
beforeAll(async () => {
  site = await createSite();
  const noJobs = ['--jobs-concurrency', '0'];
  [a, b] = await Promise.all([site.serve('a', noJobs), site.serve('b', noJobs)]);
  worker = await site.worker('worker', ['--metrics-public']);
  onA = lakeOf(a);
  onB = lakeOf(b);
}, 120_000);
afterAll(() => site.close());

test('a worker tells its health and figures, and serves nothing else', async () => {
  expect(await (await fetch(`${worker.url}/healthz`)).json()).toEqual({ ok: true });
  expect(await (await fetch(`${worker.url}/readyz`)).json()).toEqual({ ready: true });
  expect(await (await fetch(`${worker.url}/metrics`)).text()).toContain('tutti_jobs_ended_total');
  const call = await fetch(`${worker.url}/tools/list_datasets`, { method: 'POST', body: '{}' });
  expect(call.status).toBe(404);
  expect(await call.json()).toMatchObject({ success: false, error: { code: 'NOT_FOUND' } });
});

test('what one server began goes on at the other, and the worker does the work', async () => {
  const dataset = await onA.dataset('across');
  await onA.upload(dataset, 'rows.csv', csv(200));
  await onB.commit(dataset, 'v1');
  const job = await onB.ok('start_ingest', { dataset_id: dataset, target: 'lance' });
  expect(await onA.ended(job)).toMatchObject({ state: 'succeeded', counters: { inserted: 200, errors: 0 } });
  expect((await onA.search(dataset, 'several')).items.length).toBeGreaterThan(0);
  expect((await onB.search(dataset, 'several')).items.length).toBeGreaterThan(0);
});

test('a cursor of one server is taken by the other', async () => {
  for (let count = 0; count < 5; count += 1) await onB.dataset(`paged-${count}`);
  const names: string[] = [];
  let page: string | undefined;
  for (const on of [onA, onB, onA, onB, onA, onB, onA, onB]) {
    const answer = await on.ok('list_datasets', { page_size: 2, ...(page !== undefined && { page }) });
    names.push(...answer.items.map((item: { name: string }) => item.name));
    page = answer.next_page;
    if (page === undefined) break;
  }
  expect(page).toBeUndefined();
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => name.startsWith('paged-'))).toHaveLength(5);
});

test('twins of one idempotency key at both servers give one answer and one effect', async () => {
  const twins = await Promise.all(
    Array.from({ length: 10 }, (_, count) =>
      (count % 2 ? onA : onB).ok('register_dataset', { name: 'twin', uri: 'tutti://twin', idempotency_key: 'twin-1' }),
    ),
  );
  expect(new Set(twins.map((twin) => JSON.stringify(twin))).size).toBe(1);
  const other = await a.call('register_dataset', { name: 'other', uri: 'tutti://other', idempotency_key: 'twin-1' });
  expect(other).toMatchObject({ status: 409, body: { error: { code: 'IDEMPOTENCY_CONFLICT' } } });
});

test('a stream at one server tells what is done through the other, in order, and goes on there', async () => {
  const stream = await openSse(`${a.url}/events?types=dataset.updated`, a.token);
  const named = (events: readonly { data: { data: { name: string } } }[]) => events.map(({ data }) => data.data.name);
  const names = Array.from({ length: 20 }, (_, count) => `streamed-${count}`);
  for (const name of names.slice(0, 10)) await onB.dataset(name);
  expect(named(await stream.until(10))).toEqual(names.slice(0, 10));
  stream.cut();
  for (const [count, name] of names.slice(10).entries()) await (count % 2 ? onA : onB).dataset(name);
  const resumed = await openSse(`${b.url}/events?types=dataset.updated`, b.token, { 'last-event-id': stream.lastId() });
  expect(named(await resumed.until(10))).toEqual(names.slice(10));
  resumed.cut();
  const since = stream.lastId();
  // One server may know of an event a moment before the other.
  const polled = async () => (await onA.ok('poll_events', { since, types: ['dataset.updated'] })).items;
  await expect.poll(async () => (await polled()).length, { timeout: 30_000 }).toBe(10);
  expect((await polled()).map((event: { data: { name: string } }) => event.data.name)).toEqual(names.slice(10));
});

test('a job that runs on the worker is canceled through a server', async () => {
  const dataset = await onA.dataset('canceled');
  await Promise.all(
    Array.from({ length: 6 }, (_, part) => onA.upload(dataset, `part-${part}.csv`, csv(40_000, part * 40_000))),
  );
  await onA.commit(dataset, 'v1');
  const job = await onA.ok('start_ingest', { dataset_id: dataset, target: 'lance' });
  await expect
    .poll(async () => (await onB.ok('job_status', { job_id: job.id })).state, { timeout: 30_000, interval: 20 })
    .toBe('running');
  await onB.ok('cancel_job', { job_id: job.id });
  expect(await onA.ended(job)).toMatchObject({ state: 'canceled' });
});

test('the audit trail has one chain, and every data directory knows its end', { timeout: 120_000 }, async () => {
  const names = ['a', 'b', 'worker'];
  const { db } = site.database;
  const sealed = async () => {
    const { rows } = await sql<{ waiting: number; seq: number }>`
      select (select count(*) from audit_entries where seq is null) as waiting,
        (select max(seq) from audit_heads) as seq`.execute(db);
    const anchors = names.map((name) => readAnchor(site.directory(name))?.seq);
    return rows[0]?.waiting === 0 && anchors.every((seq) => seq === rows[0]?.seq);
  };
  await expect.poll(sealed, { timeout: 60_000 }).toBe(true);
  const verify = (name: string) =>
    runTutti(['audit', 'verify', '--data-dir', site.directory(name), ...site.commandFlags]);
  for (const name of names) {
    expect(await verify(name)).toMatchObject({ code: 0, output: expect.stringContaining('The chain is whole') });
  }
  // Whoever of them sealed it: each finds the end cut off.
  await sql`delete from audit_entries where seq > (select max(seq - count) from audit_heads)`.execute(db);
  await sql`delete from audit_heads where seq = (select max(seq) from audit_heads)`.execute(db);
  for (const name of names) {
    expect(await verify(name)).toMatchObject({ code: 1, output: expect.stringContaining('was cut off') });
  }
});
