import type { Db } from '../../../core/db/database.ts';
import type { JobHandler } from '../../../core/jobs/handler.ts';
import { noteLateArrivals } from '../../../core/objects/arrivals.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import { deleteAbandoned, findUnknownStaging } from '../../../core/objects/store.ts';
import type { EnginePool } from '../engine/pool.ts';
import type { IndexPlace } from '../index-place.ts';
import { deleteIndex, findFailedIndexes } from '../store.ts';

export interface SweepNeeds {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly engines: EnginePool;
  readonly indexes: IndexPlace;
}

const hourMs = 60 * 60 * 1000;

/** Forgets what work that broke off left behind: URLs never used, bytes that no upload knows, half-built indexes. */
export const sweep = ({ db, objects, engines, indexes: placeOf }: SweepNeeds): JobHandler => ({
  kind: 'lake.sweep',
  version: 1,
  async run(context) {
    const yesterday = new Date(Date.now() - 24 * hourMs);
    const uploads = await context.step('uploads', async () => {
      await noteLateArrivals(db, objects, yesterday);
      return deleteAbandoned(db, yesterday);
    });
    const files = await context.step('staged bytes', async () => {
      const unknown = await findUnknownStaging(db, await objects.listStaged(yesterday));
      for (const key of unknown) await objects.discard(key);
      // Longer than any URL of a part holds.
      const aborted = await objects.abortStaleParts(new Date(Date.now() - 8 * 24 * hourMs));
      return unknown.length + aborted;
    });
    const indexes = await context.step('indexes', async () => {
      const failed = await findFailedIndexes(db, new Date(Date.now() - hourMs));
      for (const { id, dataset_id } of failed) {
        await engines.run('drop_index', { index: placeOf(dataset_id, id) });
        await deleteIndex(db, id);
      }
      return failed.length;
    });
    return { removed_uploads: uploads, removed_files: files, removed_indexes: indexes };
  },
});
