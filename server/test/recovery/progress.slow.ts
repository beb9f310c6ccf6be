import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { inTransaction } from '../../src/core/db/database.ts';
import { createContext } from '../../src/core/jobs/context.ts';
import { createExecution } from '../../src/core/jobs/execution.ts';
import { findJob } from '../../src/core/jobs/store.ts';
import { createLog } from '../../src/core/log.ts';
import { createEngineBench, jobEnd } from '../support/engine.ts';

test('progress that waits for the row of its job takes one connection, however often there is more of it', async () => {
  const bench = await createEngineBench();
  const id = await (await bench.engine()).enqueue({ kind: 'test.noop' });
  await jobEnd(bench.db, id);
  await sql`update jobs set claim = 'here:1' where id = ${id}`.execute(bench.db);
  const row = await findJob(bench.db, id);
  if (!row) throw new Error('the job is gone');
  const { context, flush } = createContext(
    row,
    createExecution(id, 'here:1', () => undefined),
    bench.db,
    createLog('error'),
  );
  const waiting = async () => {
    const { rows } = await sql`select 1 from pg_stat_activity where datname = current_database()
      and wait_event_type = 'Lock' and query like 'update "jobs" set "progress"%'`.execute(bench.db);
    return rows.length;
  };
  await inTransaction(bench.db, async (tx) => {
    await sql`select from jobs where id = ${id} for update`.execute(tx);
    context.progress(0.1);
    await expect.poll(waiting, { timeout: 30_000 }).toBe(1);
    for (const part of [0.2, 0.3]) {
      context.progress(part);
      // Longer than progress is held back.
      await new Promise((resolve) => setTimeout(resolve, 1300));
    }
    expect(await waiting()).toBe(1);
  });
  await flush();
  expect(await findJob(bench.db, id)).toMatchObject({ progress: 0.3 });
  await bench.close();
});
