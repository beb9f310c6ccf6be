import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chance } from '../support/chance.ts';
import { createEngineBench, type EngineBench, type EngineProcess, jobEnd } from '../support/engine.ts';

/** `CHAOS_ROUNDS=100 npm run test:chaos` for a long run. */
const rounds = Number(process.env.CHAOS_ROUNDS ?? 4);
const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);

let bench: EngineBench;
beforeAll(async () => {
  bench = await createEngineBench();
});
afterAll(() => bench.close());

/** What is known of the jobs that do not end, for whoever reads the failure. */
async function unfinished(): Promise<never> {
  const { rows } = await sql`
    select jobs.id, jobs.claim, status, executor_id, owner_xid, recovery_attempts, queue_name,
      to_timestamp(updated_at / 1000.0) as updated, now(), (select json_agg(executors) from executors) as executors
    from jobs left join dbos.workflow_status on workflow_uuid = jobs.id where finished_at is null limit 3`.execute(
    bench.db,
  );
  throw new Error(`jobs do not end: ${JSON.stringify(rows, null, 1)}`);
}

test(`no job is lost while processes die, hang and lose their database (seed ${seed})`, async () => {
  const random = chance(seed);
  const engines: EngineProcess[] = [await bench.engine(), await bench.engine()];
  const ids: string[] = [];
  const mishaps = [
    async (at: number) => {
      await engines[at]?.kill();
      engines[at] = await bench.engine();
    },
    async (at: number) => {
      const engine = engines[at];
      engine?.signal('SIGSTOP');
      await sleep(4500);
      engine?.signal('SIGCONT');
    },
    () =>
      sql`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`.execute(bench.db),
  ];
  for (let round = 0; round < rounds; round += 1) {
    for (let job = 0; job < 20; job += 1) {
      // An enqueue whose answer is lost is not acknowledged: it may be there or not, but never half.
      const id = await engines[job % 2]?.enqueue({ kind: 'test.chain' }).catch(() => undefined);
      if (id) ids.push(id);
    }
    await sleep(random() * 500);
    const mishap = mishaps[round % mishaps.length];
    await mishap?.(Math.floor(random() * 2));
  }
  for (const id of ids) {
    const row = await Promise.race([jobEnd(bench.db, id), sleep(60_000).then(unfinished)]);
    expect(row, JSON.stringify(row)).toMatchObject({ state: 'succeeded' });
  }
  const lines = bench.stage.lines();
  for (const id of ids) {
    const steps = lines.filter((line) => line.startsWith(id)).map((line) => Number(line.split(' ')[1]));
    expect([...new Set(steps)], id).toEqual([1, 2, 3, 4, 5]);
  }
  const { rows } = await sql`select id from jobs where finished_at is null`.execute(bench.db);
  expect(rows).toEqual([]);
});
