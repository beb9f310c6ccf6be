import type { Db } from '../../../core/db/database.ts';
import type { JobHandler } from '../../../core/jobs/handler.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import { deleteAbandoned, findUnknownStaging } from '../../../core/objects/store.ts';

const graceMs = 24 * 60 * 60 * 1000;

/** Forgets what uploads left behind a day ago: URLs that were never used, and bytes that no upload knows. */
export const sweep = (db: Db, objects: ObjectStore): JobHandler => ({
  kind: 'lake.sweep',
  version: 1,
  async run(context) {
    const before = new Date(Date.now() - graceMs);
    const uploads = await context.step('uploads', () => deleteAbandoned(db, before));
    const files = await context.step('staged bytes', async () => {
      const unknown = await findUnknownStaging(db, await objects.listStaged(before));
      for (const key of unknown) await objects.discard(key);
      return unknown.length;
    });
    return { removed_uploads: uploads, removed_files: files };
  },
});
