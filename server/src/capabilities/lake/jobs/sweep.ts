import type { Db } from '../../../core/db/database.ts';
import type { JobHandler } from '../../../core/jobs/handler.ts';
import { deleteAbandoned } from '../../../core/objects/store.ts';

const graceMs = 24 * 60 * 60 * 1000;

/** Forgets presigned uploads that expired a day ago and never arrived. */
export const sweep = (db: Db): JobHandler => ({
  kind: 'lake.sweep',
  version: 1,
  async run(context) {
    const removed = await context.step('uploads', () => deleteAbandoned(db, new Date(Date.now() - graceMs)));
    return { removed_uploads: removed };
  },
});
