import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Db, inTransaction } from '../../src/core/db/database.ts';
import { findJob, requestCancel } from '../../src/core/jobs/store.ts';
import { createEngineBench, type EngineBench, type EngineProcess, jobEnd } from '../support/engine.ts';

let bench: EngineBench;
let engine: EngineProcess;
beforeAll(async () => {
  bench = await createEngineBench();
  engine = await bench.engine();
});
afterAll(() => bench.close());

const cancel = (id: string, reason: string | null = null) =>
  inTransaction(bench.db, (tx) => requestCancel(tx, id, reason));

/** Waits until each process has looked at its jobs so many times. */
async function ticks(count: number): Promise<void> {
  const read = async () =>
    (
      await sql<{ at: string }>`
    select string_agg(heartbeat_at::text, ' ' order by id) as at from executors`.execute(bench.db)
    ).rows[0]?.at;
  for (let seen = 0, last = await read(); seen <= count; seen += 1) {
    await vi.waitUntil(async () => (await read()) !== last, 30_000);
    last = await read();
  }
}

test('a job whose transaction was rolled back never was', async () => {
  const id = 'job_rolled_back';
  await expect(engine.enqueue({ kind: 'test.noop', id }, { rollBack: true })).rejects.toThrow('rolled back');
  expect(await findJob(bench.db, id)).toBeUndefined();
  const { rows } = await sql`select 1 from dbos.workflow_status where workflow_uuid = ${id}`.execute(bench.db);
  expect(rows).toEqual([]);
});

test('a job that was taken off the queue by a connection that broke then is run', async () => {
  const id = await engine.enqueue({ kind: 'test.noop', delayS: 3600 });
  await sql`
    update dbos.workflow_status set status = 'PENDING', executor_id = (select id from executors), owner_xid = 'nobody',
      started_at_epoch_ms = 0, updated_at = 0 where workflow_uuid = ${id}`.execute(bench.db);
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded', metadata: { done: true } });
});

test('a job that ended and whose end the engine has yet to write down is not taken for one that never began', async () => {
  // The engine's last word about a workflow, and no other update, waits as long as somebody holds this lock.
  await sql`create function hold_ends() returns trigger language plpgsql as $$ begin
    if current_query() like '%completed_at=(%' then perform pg_advisory_xact_lock_shared(77); end if;
    return null; end $$`.execute(bench.db);
  await sql`create trigger hold_ends before update on dbos.workflow_status execute function hold_ends()`.execute(
    bench.db,
  );
  const workflow = async (id: string) =>
    (
      await sql`select status, started_at_epoch_ms as started from dbos.workflow_status
        where workflow_uuid = ${id}`.execute(bench.db)
    ).rows;
  const id = await inTransaction(bench.db, async (tx) => {
    await sql`select pg_advisory_xact_lock(77)`.execute(tx);
    const made = await engine.enqueue({ kind: 'test.noop' });
    expect(await jobEnd(bench.db, made)).toMatchObject({ state: 'succeeded' });
    await sql`update dbos.workflow_status set started_at_epoch_ms = 0, updated_at = 0
      where workflow_uuid = ${made}`.execute(bench.db);
    await ticks(3);
    expect(await workflow(made)).toEqual([{ status: 'PENDING', started: 0 }]);
    return made;
  });
  await vi.waitFor(async () => expect(await workflow(id)).toEqual([{ status: 'SUCCESS', started: 0 }]), 30_000);
  await sql`drop function hold_ends cascade`.execute(bench.db);
});

test('a job that the engine gives out again while it runs here is left by the run of before, at once', async () => {
  const id = await engine.enqueue({ kind: 'test.wrap', input: { how: 'resumable' } });
  // Its progress is written by then: nothing of what follows tells it that it is not the owner any more.
  while ((await findJob(bench.db, id))?.progress !== 0.5) await sleep(10);
  await sql`update dbos.workflow_status set status = 'ENQUEUED', owner_xid = null, started_at_epoch_ms = null
    where workflow_uuid = ${id}`.execute(bench.db);
  await bench.stage.seen(new RegExp(`^wrapping ${engine.pid}$`), 2);
  await bench.stage.seen(new RegExp(`^wrapped ${engine.pid}$`));
  expect(await findJob(bench.db, id)).toMatchObject({ state: 'running', attempts: 2 });
  expect(await cancel(id)).toBe('running');
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'canceled' });
});

test('a second job of the same id is not added', async () => {
  const id = await engine.enqueue({ kind: 'test.noop', id: 'job_twice' });
  expect(await engine.enqueue({ kind: 'test.noop', id: 'job_twice' })).toBe(id);
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded', metadata: { done: true } });
});

test('a step is tried again on retryable errors only as often as it says', async () => {
  const enough = await engine.enqueue({ kind: 'test.retry', input: { failures: 3 } });
  expect(await jobEnd(bench.db, enough)).toMatchObject({ state: 'succeeded', metadata: { tries: 4 } });
  const tooFew = await engine.enqueue({ kind: 'test.retry', input: { failures: 4 } });
  expect(await jobEnd(bench.db, tooFew)).toMatchObject({
    state: 'failed',
    error: { code: 'UPSTREAM_FAILED', suggestion: 'try again', retryable: true },
  });
});

test('cancellation reaches the running step, wherever it was asked for', async () => {
  const other = await bench.engine();
  const id = await other.enqueue({ kind: 'test.hang' });
  await bench.stage.seen(/^hanging/);
  expect(await cancel(id, 'enough')).toBe('running');
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'canceled', error: null, cancel_reason: 'enough' });
  expect(await cancel(id)).toBeUndefined();
  await other.kill();
});

test('a canceled job stays canceled when its process dies before it stopped', async () => {
  const seen = bench.stage.lines().filter((line) => line === 'hanging').length;
  const id = await engine.enqueue({ kind: 'test.hang', input: { deaf: true } });
  await bench.stage.seen(/^hanging/, seen + 1);
  await cancel(id);
  await engine.kill();
  engine = await bench.engine();
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'canceled' });
});

test('a queued job that is canceled never runs', async () => {
  const seen = bench.stage.lines().filter((line) => line === 'hanging').length;
  const busy = await Promise.all([1, 2, 3, 4].map(() => engine.enqueue({ kind: 'test.hang' })));
  await bench.stage.seen(/^hanging/, seen + 4);
  const id = await engine.enqueue({ kind: 'test.hang' });
  expect(await cancel(id)).toBe('canceled');
  for (const one of busy) await cancel(one);
  for (const one of busy) await jobEnd(bench.db, one);
  const after = await engine.enqueue({ kind: 'test.noop' });
  await jobEnd(bench.db, after);
  expect(bench.stage.lines().filter((line) => line === 'hanging')).toHaveLength(seen + 4);
  expect(await findJob(bench.db, id)).toMatchObject({ state: 'canceled', started_at: null });
});

test('a job that runs over its time ends as timed_out', async () => {
  const id = await engine.enqueue({ kind: 'test.hang', timeoutS: 1 });
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'timed_out', error: { code: 'TIMED_OUT' } });
});

test('a schedule enqueues one job a time, over all processes', async () => {
  const own = await createEngineBench();
  const schedules = [{ name: 'each-second', cron: '* * * * * *', kind: 'test.noop' }];
  await Promise.all([own.engine({ schedules }), own.engine({ schedules })]);
  const count = async () => {
    const { rows } = await sql<{ id: string; created_at: Date }>`select id, created_at from jobs order by id`.execute(
      own.db,
    );
    return rows;
  };
  while ((await count()).length < 4) await new Promise((resolve) => setTimeout(resolve, 100));
  const rows = await count();
  const seconds = rows.map((row) => row.id.slice(4, 14));
  expect(new Set(seconds).size).toBe(rows.length);
  await own.close();
});

test.each(['wrapUp', 'resumable'])(
  '%s runs although the job was asked to stop, also in the process that comes after a kill',
  async (how) => {
    const first = await bench.engine();
    const id = await first.enqueue({ kind: 'test.wrap', queue: how, input: { how } });
    const owner = await bench.engine({ queues: [{ name: how, concurrency: 1 }] });
    await bench.stage.seen(new RegExp(`^wrapping ${owner.pid}$`));
    await owner.kill();
    expect(await cancel(id)).toBe('running');
    const next = await bench.engine({ queues: [{ name: how, concurrency: 1 }] });
    // Progress that was held back is written with the end.
    expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'canceled', progress: 0.5, counters: { wraps: 1 } });
    const pids = [owner.pid, next.pid].join('|');
    const lines = bench.stage
      .lines()
      .filter((line) => new RegExp(`^(wrapping|wrapped|ended \\w+) (${pids})$`).test(line));
    expect(lines).toEqual([
      `wrapping ${owner.pid}`,
      `wrapping ${next.pid}`,
      `wrapped ${next.pid}`,
      `ended stopped ${next.pid}`,
    ]);
  },
);

test('a job of a queue waits for a process that takes from it, before and after a kill', async () => {
  const other = await bench.engine();
  const id = await other.enqueue({ kind: 'test.noop', queue: 'far' });
  const near = await other.enqueue({ kind: 'test.noop' });
  expect(await jobEnd(bench.db, near)).toMatchObject({ state: 'succeeded' });
  expect(await findJob(bench.db, id)).toMatchObject({ state: 'queued' });
  const idle = await bench.engine({ queues: [{ name: 'far', concurrency: 0 }] });
  await idle.hurry('far');
  expect(await findJob(bench.db, id)).toMatchObject({ state: 'queued' });
  await idle.resize('far', 1);
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded' });
});

test('a queue that is hurried is looked at once, and takes no more than its share', async () => {
  const owner = await bench.engine({ queues: [{ name: 'narrow', concurrency: 1 }] });
  await owner.hurry('nobodys');
  const hanging = await owner.enqueue({ kind: 'test.hang', queue: 'narrow' });
  await owner.hurry('narrow');
  while ((await findJob(bench.db, hanging))?.state !== 'running') await sleep(10);
  const waiting = await owner.enqueue({ kind: 'test.noop', queue: 'narrow' });
  for (let n = 0; n < 5; n += 1) await owner.hurry('narrow');
  expect(await findJob(bench.db, waiting)).toMatchObject({ state: 'queued' });
  await cancel(hanging);
  expect(await jobEnd(bench.db, hanging)).toMatchObject({ state: 'canceled' });
  expect(await jobEnd(bench.db, waiting)).toMatchObject({ state: 'succeeded' });
});

/** Has a job wait for its own row, which somebody else has, with a transaction of its own. */
async function waitingForItsRow(meanwhile: (tx: Db, id: string, backends: () => Promise<number[]>) => Promise<void>) {
  const seen = bench.stage.lines().filter((line) => line.startsWith('waiting')).length;
  const until = `go ${seen}`;
  const id = await engine.enqueue({ kind: 'test.transaction', input: { until } });
  await bench.stage.seen(/^waiting/, seen + 1);
  await inTransaction(bench.db, async (tx) => {
    await sql`select 1 from jobs where id = ${id} for update`.execute(tx);
    bench.stage.release(until);
    await meanwhile(tx, id, async () => {
      const { rows } = await sql<{ pid: number }>`
        select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`.execute(tx);
      return rows.map(({ pid }) => pid);
    });
  });
  return id;
}

test('a transaction of a job whose connection breaks is begun anew on another one', async () => {
  const id = await waitingForItsRow(async (tx, _id, backends) => {
    await expect.poll(backends, { timeout: 30_000 }).toHaveLength(1);
    await sql`select pg_terminate_backend(${(await backends())[0]})`.execute(tx);
  });
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded' });
});

test('a job that is asked to stop begins no transaction after that, though the signal is still on its way', async () => {
  const marked = () => bench.stage.lines().filter((line) => line.startsWith('marked')).length;
  const before = marked();
  const id = await waitingForItsRow(async (tx, job, backends) => {
    await expect.poll(backends, { timeout: 30_000 }).toHaveLength(1);
    await requestCancel(tx, job, 'enough');
  });
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'canceled', cancel_reason: 'enough' });
  expect(marked()).toBe(before);
});
