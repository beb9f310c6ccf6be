import { type Db, inTransaction } from '../../../core/db/database.ts';
import type { JobHandler } from '../../../core/jobs/handler.ts';
import { deleteDrafts } from '../drafts/store.ts';
import { deleteReports } from './store.ts';

export interface Windows {
  /** Days for which reports of clients are kept. */
  readonly reports: number;
  /** Days for which drafts are kept that nobody released. */
  readonly drafts: number;
}

/** Drafts that a transaction forgets at most. */
const batch = 500;

/** Forgets reports of clients, and drafts that were not released, whose time is over. What was released stays for good. */
export const retention = (db: Db, keepDays: Windows): JobHandler => ({
  kind: 'config.retention',
  version: 1,
  async run(context) {
    const before = (days: number) => new Date(Date.now() - days * 86_400_000);
    const removed_reports = await context.step('reports', () => deleteReports(db, before(keepDays.reports)));
    const removed_drafts = await context.step('drafts', () => forgetDrafts(db, before(keepDays.drafts)));
    return { removed_reports, removed_drafts };
  },
});

async function forgetDrafts(db: Db, before: Date): Promise<number> {
  let all = 0;
  for (;;) {
    const removed = await inTransaction(db, (tx) => deleteDrafts(tx, before, batch));
    all += removed;
    if (removed < batch) return all;
  }
}
