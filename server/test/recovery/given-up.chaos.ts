import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEngineBench, type EngineBench, jobEnd } from '../support/engine.ts';

let bench: EngineBench;
beforeEach(async () => {
  bench = await createEngineBench();
});
afterEach(() => bench.close());

/** The job as its events told it, the oldest first. */
async function told(id: string): Promise<{ state: string; finished_at?: string; error?: { code: string } }[]> {
  const { rows } = await sql<{ data: { state: string } }>`
    select data from events where subject = ${`job:${id}`} order by seq`.execute(bench.db);
  return rows.map((row) => row.data);
}

async function toldOfEnd(id: string) {
  for (;;) {
    const ends = (await told(id)).filter((job) => job.finished_at !== undefined);
    if (ends.length > 0) return ends;
    await sleep(50);
  }
}
const counted = () => bench.stage.lines().filter((line) => line.startsWith('ended '));

test('a job that is given up, for its process ended again and again, is told of and counted once', async () => {
  const first = await bench.engine();
  const id = await first.enqueue({ kind: 'test.five' });
  await bench.stage.seen(/^3 begin/);
  await sql`update dbos.workflow_status set recovery_attempts = 1000 where workflow_uuid = ${id}`.execute(bench.db);
  const patient = { deadAfterMs: 20_000 };
  await bench.engine(patient);
  await bench.engine(patient);
  await first.kill();
  expect(await toldOfEnd(id)).toMatchObject([{ state: 'failed', error: { code: 'INTERNAL' } }]);
  await bench.stage.seen(/^ended /);
  // Time for the other process to tell it again, if it would.
  await sleep(3000);
  expect(await toldOfEnd(id)).toHaveLength(1);
  expect(counted()).toEqual(['ended test.five failed']);
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'failed', finished_at: expect.any(Date) });
});

test('a job that the engine was told to cancel is told of, and what still runs of it changes nothing', async () => {
  const engine = await bench.engine();
  const id = await engine.enqueue({ kind: 'test.five' });
  await bench.stage.seen(/^3 begin/);
  await sql`
    update dbos.workflow_status set status = 'CANCELLED', updated_at = extract(epoch from now()) * 1000
    where workflow_uuid = ${id}`.execute(bench.db);
  expect(await toldOfEnd(id)).toMatchObject([{ state: 'canceled' }]);
  bench.stage.release('go');
  await bench.stage.seen(/^3 end/);
  await sleep(2000);
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'canceled' });
  expect((await told(id)).at(-1)).toMatchObject({ state: 'canceled' });
  expect(counted()).toEqual(['ended test.five canceled']);
});
