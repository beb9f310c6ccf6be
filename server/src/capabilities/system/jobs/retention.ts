import type { Db } from '../../../core/db/database.ts';
import { forgetIdempotencyKeys } from '../../../core/db/idempotency.ts';
import { deleteEventsBefore } from '../../../core/events/store.ts';
import type { JobEngine } from '../../../core/jobs/engine.ts';
import type { JobHandler } from '../../../core/jobs/handler.ts';
import { deleteJobs, findFinishedBefore } from '../../../core/jobs/store.ts';

const batch = 500;

/** Forgets what ended long ago: jobs with their journal, and idempotency keys past their day, and events. */
export const retention = (db: Db, jobs: JobEngine, keepDays: number, keepEventDays: number): JobHandler => ({
  kind: 'system.retention',
  version: 1,
  async run(context) {
    const before = new Date(Date.now() - keepDays * 86_400_000);
    const removed = await context.step('jobs', async () => {
      let count = 0;
      for (;;) {
        const ids = await findFinishedBefore(db, before, batch);
        if (ids.length === 0 || context.signal.aborted) return count;
        // The journal first: a job without a journal is still found by the next run, the other way round it is not.
        await jobs.forget(ids);
        await deleteJobs(db, ids);
        count += ids.length;
      }
    });
    const keys = await context.step('idempotency keys', () => forgetIdempotencyKeys(db));
    const events = await context.step('events', async () => {
      const past = new Date(Date.now() - keepEventDays * 86_400_000);
      for (let count = 0; ; ) {
        const found = context.signal.aborted ? 0 : await deleteEventsBefore(db, past, batch);
        count += found;
        if (found < batch) return count;
      }
    });
    return { removed_jobs: removed, removed_idempotency_keys: keys, removed_events: events };
  },
});
