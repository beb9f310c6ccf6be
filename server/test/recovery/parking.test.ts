import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTransaction } from '../../src/core/db/database.ts';
import { wakeJob } from '../../src/core/jobs/parking/store.ts';
import { findJob } from '../../src/core/jobs/store.ts';
import { createEngineBench, type EngineBench, type EngineProcess, jobEnd } from '../support/engine.ts';

let bench: EngineBench;
let engine: EngineProcess;
beforeAll(async () => {
  bench = await createEngineBench();
  engine = await bench.engine({ concurrency: 1 });
});
afterAll(() => bench.close());

const parked = async (ms: number) => {
  const id = await engine.enqueue({ kind: 'test.park', input: { ms } });
  await expect
    .poll(async () => (await findJob(bench.db, id))?.state, { timeout: 30_000, interval: 20 })
    .toBe('waiting');
  return id;
};

test('a job that waits holds no place; it goes on when it is woken, and its end is written with what belongs to it', async () => {
  const id = await parked(3_600_000);
  const other = await engine.enqueue({ kind: 'test.noop' });
  expect(await jobEnd(bench.db, other)).toMatchObject({ state: 'succeeded' });
  expect(await findJob(bench.db, id)).toMatchObject({ state: 'waiting', finished_at: null });
  bench.stage.release(`${id} open`);
  await inTransaction(bench.db, (tx) => wakeJob(tx, id));
  expect(await jobEnd(bench.db, id)).toMatchObject({
    state: 'succeeded',
    metadata: { how: 'open' },
    dataset_id: 'ended',
  });
});

test('a job that waits goes on by itself when its time has come', async () => {
  const id = await parked(500);
  bench.stage.release(`${id} open`);
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded' });
});
