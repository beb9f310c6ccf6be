import type { Db } from '../../../core/db/database.ts';
import type { JobHandler } from '../../../core/jobs/handler.ts';
import { deleteReports } from './store.ts';

/** Forgets reports of clients whose time is over. What was released stays for good. */
export const retention = (db: Db, keepDays: number): JobHandler => ({
  kind: 'config.retention',
  version: 1,
  async run(context) {
    const before = new Date(Date.now() - keepDays * 86_400_000);
    return { removed_reports: await context.step('reports', () => deleteReports(db, before)) };
  },
});
