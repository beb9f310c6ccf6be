import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findJob } from '../../src/core/jobs/store.ts';
import { createEngineBench, type EngineBench, jobEnd } from '../support/engine.ts';

let bench: EngineBench;
beforeEach(async () => {
  bench = await createEngineBench();
});
afterEach(() => bench.close());

/** How often each step ran to its end. */
const ends = () =>
  [1, 2, 3, 4, 5].map((step) => bench.stage.lines().filter((line) => line.startsWith(`${step} end`)).length);

test('a job that was cut off in its third step goes on there after a restart', async () => {
  const first = await bench.engine();
  const id = await first.enqueue({ kind: 'test.five' });
  await bench.stage.seen(/^3 begin/);
  await first.kill();
  bench.stage.release('go');
  await bench.engine();
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded', counters: { steps: 5 } });
  expect(ends()).toEqual([1, 1, 1, 1, 1]);
  expect(bench.stage.lines().filter((line) => line.startsWith('3 begin'))).toHaveLength(2);
});

test('another live process takes over from one that was killed', async () => {
  const first = await bench.engine();
  const id = await first.enqueue({ kind: 'test.five' });
  await bench.stage.seen(/^3 begin/);
  const second = await bench.engine();
  await first.kill();
  bench.stage.release('go');
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded' });
  expect(ends()).toEqual([1, 1, 1, 1, 1]);
  expect(
    bench.stage
      .lines()
      .filter((line) => /^[345] end/.test(line))
      .every((line) => line.includes(String(second.pid))),
  ).toBe(true);
});

test('a process that was stopped and continued after the takeover changes nothing any more', async () => {
  const first = await bench.engine({ deadAfterMs: 2000 });
  const id = await first.enqueue({ kind: 'test.transaction' });
  await bench.stage.seen(/^waiting/);
  first.signal('SIGSTOP');
  const second = await bench.engine({ deadAfterMs: 2000 });
  await bench.stage.seen(/^waiting/, 2);
  bench.stage.release('go');
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded' });
  const before = await findJob(bench.db, id);
  first.signal('SIGCONT');
  await sleep(2000);
  expect(bench.stage.lines().filter((line) => line.startsWith('marked'))).toEqual([`marked ${second.pid}`]);
  expect(await findJob(bench.db, id)).toEqual(before);
  // It is a worker like any other again.
  await second.kill();
  const next = await first.enqueue({ kind: 'test.noop' });
  expect(await jobEnd(bench.db, next)).toMatchObject({ state: 'succeeded', metadata: { done: true } });
});

test('a process continued while its job runs elsewhere writes neither progress nor outcome', async () => {
  const first = await bench.engine({ deadAfterMs: 2000 });
  const id = await first.enqueue({ kind: 'test.transaction' });
  await bench.stage.seen(/^waiting/);
  first.signal('SIGSTOP');
  const second = await bench.engine({ deadAfterMs: 2000 });
  await bench.stage.seen(/^waiting/, 2);
  first.signal('SIGCONT');
  await sleep(500);
  bench.stage.release('go');
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded' });
  await sleep(500);
  expect(bench.stage.lines().filter((line) => line.startsWith('marked'))).toEqual([`marked ${second.pid}`]);
});

test('jobs go on when the database ended every connection', async () => {
  const first = await bench.engine();
  const id = await first.enqueue({ kind: 'test.five' });
  await bench.stage.seen(/^3 begin/);
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`.execute(
    bench.db,
  );
  await bench.stage.seen(/^3 begin/, 2);
  bench.stage.release('go');
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded' });
  expect(ends().slice(0, 2)).toEqual([1, 1]);
});

test('a stop hands over what does not end in time', async () => {
  const first = await bench.engine();
  const id = await first.enqueue({ kind: 'test.five' });
  await bench.stage.seen(/^3 begin/);
  await first.stop();
  expect(await findJob(bench.db, id)).toMatchObject({ state: 'running', finished_at: null });
  bench.stage.release('go');
  await bench.engine();
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded' });
  expect(ends()).toEqual([1, 1, 1, 1, 1]);
});

test('a job of the release before is finished with the handler it began with', async () => {
  const old = await bench.engine({ upgradeVersions: [1] });
  const id = await old.enqueue({ kind: 'test.upgrade' });
  await bench.stage.seen(/^3 begin/);
  await old.kill();
  bench.stage.release('go');
  const upgraded = await bench.engine({ upgradeVersions: [1, 2] });
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded', handler: 'test.upgrade@1' });
  expect(bench.stage.lines().filter((line) => line.endsWith('v1'))).toHaveLength(5);
  const next = await upgraded.enqueue({ kind: 'test.upgrade' });
  expect(await jobEnd(bench.db, next)).toMatchObject({ state: 'succeeded', handler: 'test.upgrade@2' });
});
