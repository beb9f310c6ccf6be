import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTransaction } from '../../src/core/db/database.ts';
import { findJob, requestCancel } from '../../src/core/jobs/store.ts';
import { createEngineBench, type EngineBench, jobEnd } from '../support/engine.ts';

let bench: EngineBench;
beforeAll(async () => {
  bench = await createEngineBench();
});
afterAll(() => bench.close());

const executorOf = async (id: string) => {
  const { rows } = await sql<{ executor: string }>`
    select executor_id as executor from dbos.workflow_status where workflow_uuid = ${id} and status <> 'ENQUEUED'`.execute(
    bench.db,
  );
  return rows[0]?.executor;
};
const running = async (ids: readonly string[]) => {
  const rows = await Promise.all(ids.map((id) => findJob(bench.db, id)));
  return rows.filter((row) => row?.state === 'running').length;
};

test('a process without jobs of its own enqueues, cancels and takes over for those that run them', async () => {
  const server = await bench.engine({ concurrency: 0 });
  const canceled = await server.enqueue({ kind: 'test.noop' });
  const id = await server.enqueue({ kind: 'test.five' });
  expect(await inTransaction(bench.db, (tx) => requestCancel(tx, canceled, null))).toBe('canceled');

  const first = await bench.engine({ concurrency: 1 });
  await bench.stage.seen(/^3 begin/);
  const firstExecutor = await executorOf(id);
  await first.kill();
  const second = await bench.engine({ concurrency: 1 });
  bench.stage.release('go');
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded' });
  expect(await executorOf(id)).not.toBe(firstExecutor);
  expect(bench.stage.lines().filter((line) => /^[12] end/.test(line))).toHaveLength(2);
  expect(await findJob(bench.db, canceled)).toMatchObject({ state: 'canceled', started_at: null });

  // What the dead one ran goes back to the queue even when only the process without jobs is left.
  const hanging = await server.enqueue({ kind: 'test.hang' });
  await bench.stage.seen(/^hanging/);
  await second.kill();
  const status = async () => {
    const { rows } = await sql<{ status: string }>`
      select status from dbos.workflow_status where workflow_uuid = ${hanging}`.execute(bench.db);
    return rows[0]?.status;
  };
  await expect.poll(status, { timeout: 30_000 }).toBe('ENQUEUED');
  await inTransaction(bench.db, (tx) => requestCancel(tx, hanging, null));
  await server.kill();
});

test('each process keeps to its own limit, whichever started last', async () => {
  const four = await bench.engine({ concurrency: 4 });
  const one = await bench.engine({ concurrency: 1 });
  const before = bench.stage.lines().length;
  const ids = await Promise.all(Array.from({ length: 6 }, () => four.enqueue({ kind: 'test.hang' })));
  await bench.stage.seen(
    /^hanging/,
    bench.stage
      .lines()
      .slice(0, before)
      .filter((line) => /^hanging/.test(line)).length + 5,
  );
  const executors = await Promise.all(ids.map(executorOf));
  const counts = [...new Set(executors.filter((executor) => executor !== undefined))].map(
    (executor) => executors.filter((other) => other === executor).length,
  );
  expect(counts.sort()).toEqual([1, 4]);
  expect(await running(ids)).toBe(5);
  for (const id of ids) await inTransaction(bench.db, (tx) => requestCancel(tx, id, null));
  for (const id of ids) expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'canceled' });
  await Promise.all([four.stop(), one.stop()]);
});

test('a process without jobs of its own keeps the schedules, for the others to run what they bring', async () => {
  const schedules = [{ name: 'split', cron: '* * * * * *', kind: 'test.transaction' }];
  const planner = await bench.engine({ concurrency: 0, schedules });
  const planned = async () => {
    const { rows } = await sql<{ id: string; state: string }>`
      select id, state from jobs where kind = 'test.transaction' order by id`.execute(bench.db);
    return rows;
  };
  await expect.poll(async () => (await planned()).length, { timeout: 30_000 }).toBeGreaterThanOrEqual(2);
  expect((await planned()).every(({ state }) => state === 'queued')).toBe(true);
  const [first] = await planned();
  const runner = await bench.engine({ concurrency: 1, schedules });
  expect(await jobEnd(bench.db, first?.id ?? '')).toMatchObject({ state: 'succeeded' });
  await Promise.all([planner.kill(), runner.kill()]);
});
