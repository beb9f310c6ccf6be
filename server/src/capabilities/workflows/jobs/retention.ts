import { type Db, inTransaction } from '../../../core/db/database.ts';
import type { JobHandler } from '../../../core/jobs/handler.ts';
import { releaseObjects } from '../../../core/objects/holds/store.ts';
import { forgetDeleted } from '../definitions/store.ts';
import { holderOfRun } from '../runs/run.ts';
import { deleteRuns, listOldRuns } from '../runs/store.ts';

const batch = 200;

/** Forgets runs that ended long ago, with their history, approvals and objects, and the definitions that only they knew. */
export const retention = (db: Db, keepDays: number): JobHandler => ({
  kind: 'workflows.retention',
  version: 1,
  async run(context) {
    const before = new Date(Date.now() - keepDays * 86_400_000);
    const removed = await context.step('runs', async () => {
      for (let count = 0; ; ) {
        const ids = context.signal.aborted ? [] : await listOldRuns(db, before, batch);
        if (ids.length === 0) return count;
        await inTransaction(db, async (tx) => {
          await releaseObjects(tx, ids.map(holderOfRun));
          await deleteRuns(tx, ids);
        });
        count += ids.length;
      }
    });
    await context.step('definitions', () => forgetDeleted(db, before));
    return { removed_runs: removed };
  },
});
