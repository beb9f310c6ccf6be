import type { Db } from '../../../core/db/database.ts';
import { forgetIdempotencyKeys } from '../../../core/db/idempotency.ts';
import { deleteEventsBefore } from '../../../core/events/store.ts';
import type { JobEngine } from '../../../core/jobs/engine.ts';
import type { JobHandler } from '../../../core/jobs/handler.ts';
import { deleteJobs, findFinishedBefore } from '../../../core/jobs/store.ts';
import { deleteDeliveriesBefore } from '../../../core/webhooks/deliveries/store.ts';
import { deleteReceiptsBefore } from '../../../core/webhooks/store.ts';

export interface RetentionNeeds {
  readonly db: Db;
  readonly jobs: JobEngine;
  readonly keepDays: number;
  readonly keepEventDays: number;
  readonly keepDeliveryDays: number;
}

const batch = 500;
/** Longer than any message is known by its id. */
const receiptDays = 4;
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);

/** Forgets what ended long ago: jobs with their journal, idempotency keys past their day, events, deliveries. */
export const retention = ({ db, jobs, ...needs }: RetentionNeeds): JobHandler => ({
  kind: 'system.retention',
  version: 1,
  async run(context) {
    const before = daysAgo(needs.keepDays);
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
    const all = async (before: Date, forget: (before: Date) => Promise<number>) => {
      for (let count = 0; ; ) {
        const found = context.signal.aborted ? 0 : await forget(before);
        count += found;
        if (found < batch) return count;
      }
    };
    const events = await context.step('events', () =>
      all(daysAgo(needs.keepEventDays), (past) => deleteEventsBefore(db, past, batch)),
    );
    const deliveries = await context.step('deliveries', () =>
      all(daysAgo(needs.keepDeliveryDays), (past) => deleteDeliveriesBefore(db, past, batch)),
    );
    await context.step('receipts', () => deleteReceiptsBefore(db, daysAgo(receiptDays)));
    return {
      removed_jobs: removed,
      removed_idempotency_keys: keys,
      removed_events: events,
      removed_deliveries: deliveries,
    };
  },
});
