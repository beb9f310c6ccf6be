import type { Db } from '../../../core/db/database.ts';
import type { JobHandler } from '../../../core/jobs/handler.ts';
import { noteLateArrivals } from '../../../core/objects/arrivals.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import { deleteAbandoned, findUnknownStaging } from '../../../core/objects/store.ts';
import { trimVectors } from '../embedder/store.ts';
import { dropIndexes, type Targets } from '../indexes/drop.ts';
import { findAbandonedIndexes } from '../indexes/store.ts';
import { deleteExpiredMultipart } from '../uploads/store.ts';

export interface SweepNeeds {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly targets: Targets;
  /** Room for vectors that are kept. */
  readonly embeddingBytes: number;
}

const hourMs = 60 * 60 * 1000;

/** Forgets what work that broke off left behind: URLs never used, bytes that no upload knows, half-built indexes. */
export const sweep = ({ db, objects, targets, embeddingBytes }: SweepNeeds): JobHandler => ({
  kind: 'lake.sweep',
  version: 1,
  async run(context) {
    const yesterday = new Date(Date.now() - 24 * hourMs);
    const uploads = await context.step('uploads', async () => {
      await noteLateArrivals(db, objects, yesterday);
      await deleteExpiredMultipart(db, yesterday);
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
      const failed = await findAbandonedIndexes(db, new Date(Date.now() - hourMs), yesterday);
      await dropIndexes(db, targets, failed);
      return failed.length;
    });
    const vectors = await context.step('vectors', () => trimVectors(db, embeddingBytes));
    return { removed_vectors: vectors, removed_uploads: uploads, removed_files: files, removed_indexes: indexes };
  },
});
