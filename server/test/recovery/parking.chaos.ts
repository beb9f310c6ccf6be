import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inTransaction } from '../../src/core/db/database.ts';
import { wakeJob } from '../../src/core/jobs/parking/store.ts';
import { findJob, requestCancel } from '../../src/core/jobs/store.ts';
import { createEngineBench, type EngineBench, jobEnd } from '../support/engine.ts';

let bench: EngineBench;
beforeEach(async () => {
  bench = await createEngineBench();
});
afterEach(() => bench.close());

const hour = 3_600_000;
const wake = (id: string) => inTransaction(bench.db, (tx) => wakeJob(tx, id));
const lines = (id: string, word: string) => bench.stage.lines().filter((line) => line.startsWith(`${id} ${word}`));

/** Waits until the job waits and holds nothing in the engine either. */
async function waits(id: string): Promise<void> {
  const status = async () => {
    const { rows } = await sql<{ status: string }>`
      select state || ' ' || status as status from jobs join dbos.workflow_status on workflow_uuid = id
      where id = ${id}`.execute(bench.db);
    return rows[0]?.status;
  };
  await expect.poll(status, { timeout: 30_000, interval: 20 }).toBe('waiting SUCCESS');
}

test('a job that waits holds no place, and goes on when it is woken', async () => {
  const engine = await bench.engine({ concurrency: 1 });
  const id = await engine.enqueue({ kind: 'test.park', input: { ms: hour } });
  await waits(id);
  expect(await findJob(bench.db, id)).toMatchObject({ state: 'waiting', finished_at: null });
  const other = await engine.enqueue({ kind: 'test.noop' });
  expect(await jobEnd(bench.db, other)).toMatchObject({ state: 'succeeded' });
  bench.stage.release(`${id} open`);
  await wake(id);
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded', metadata: { how: 'open' } });
  expect(lines(id, 'begin')).toHaveLength(2);
});

test('a job whose process is killed while it waits is woken by another one when its time has come', async () => {
  const first = await bench.engine();
  const id = await first.enqueue({ kind: 'test.park', input: { ms: 3000 } });
  await waits(id);
  await first.kill();
  bench.stage.release(`${id} open`);
  const second = await bench.engine();
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded' });
  expect(lines(id, 'begin')).toEqual([`${id} begin ${first.pid}`, `${id} begin ${second.pid}`]);
});

test('a process that is killed before the engine heard of the wait loses nothing', async () => {
  const first = await bench.engine();
  await sql
    .raw(`
      create function hold() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(1); return new; end $$;
      create trigger hold before update on dbos.workflow_status for each row
        when (old.status = 'PENDING' and new.status = 'SUCCESS') execute function hold();`)
    .execute(bench.db);
  const id = await inTransaction(bench.db, async (tx) => {
    await sql`select pg_advisory_xact_lock(1)`.execute(tx);
    const made = await first.enqueue({ kind: 'test.park', input: { ms: hour } });
    const state = async () => (await findJob(bench.db, made))?.state;
    await expect.poll(state, { timeout: 30_000, interval: 20 }).toBe('waiting');
    await wake(made);
    await sleep(1500);
    // Its workflow has not ended: nobody takes it up twice.
    expect(await findJob(bench.db, made)).toMatchObject({ state: 'waiting' });
    bench.stage.release(`${made} open`);
    await first.kill();
    return made;
  });
  await bench.engine();
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded' });
  expect(lines(id, 'begin')).toHaveLength(2);
});

test('what wakes a job just before it begins to wait is not lost', async () => {
  const engine = await bench.engine();
  const id = await engine.enqueue({ kind: 'test.park', input: { ms: hour, holds: true } });
  await bench.stage.seen(new RegExp(`^${id} begin`));
  await wake(id);
  await sleep(1500);
  bench.stage.release(`${id} open`);
  bench.stage.release(`${id} park`);
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded' });
  expect(lines(id, 'begin')).toHaveLength(2);
});

test('a job that listens hears that it was woken while it runs', async () => {
  const engine = await bench.engine();
  const id = await engine.enqueue({ kind: 'test.park', input: { listens: true } });
  await bench.stage.seen(new RegExp(`^${id} begin`));
  await wake(id);
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded' });
  expect(lines(id, 'begin')).toHaveLength(1);
});

test('a job that waits and is canceled, or runs out of time, ends by its own handler', async () => {
  const engine = await bench.engine();
  const canceled = await engine.enqueue({ kind: 'test.park', input: { ms: hour } });
  await waits(canceled);
  expect(await inTransaction(bench.db, (tx) => requestCancel(tx, canceled, 'no more'))).toBe('waiting');
  expect(await jobEnd(bench.db, canceled)).toMatchObject({ state: 'canceled', cancel_reason: 'no more' });
  expect(lines(canceled, 'left')).toHaveLength(1);
  const late = await engine.enqueue({ kind: 'test.park', input: { ms: hour }, timeoutS: 1 });
  expect(await jobEnd(bench.db, late)).toMatchObject({ state: 'timed_out', error: { code: 'TIMED_OUT' } });
  expect(lines(late, 'left')).toHaveLength(1);
});

test('several processes look for what is due, and each job goes on to one end', async () => {
  const [one, other] = [await bench.engine({ deadAfterMs: 60_000 }), await bench.engine({ deadAfterMs: 60_000 })];
  const ids = await Promise.all(
    Array.from({ length: 20 }, (_, at) => (at % 2 ? one : other).enqueue({ kind: 'test.park', input: { ms: hour } })),
  );
  for (const id of ids) await waits(id);
  for (const id of ids) bench.stage.release(`${id} open`);
  await Promise.all(ids.map(wake));
  for (const id of ids) {
    expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded' });
    expect(lines(id, 'open')).toHaveLength(1);
  }
});
