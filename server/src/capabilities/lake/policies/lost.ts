import { type Db, inTransaction } from '../../../core/db/database.ts';
import type { Targets } from '../indexes/drop.ts';
import { listIndexes, loseIndex } from '../indexes/store.ts';
import { lockDataset } from '../store.ts';
import type { Reconcile } from './reconcile.ts';

/** Has an index that its target has no more served to nobody, and built again where a policy wants it. Repeatable. */
export async function noteLost(db: Db, datasetId: string, index: string, reconcile: Reconcile): Promise<void> {
  await inTransaction(db, async (tx) => {
    if ((await lockDataset(tx, datasetId)) && (await loseIndex(tx, index))) await reconcile(tx, datasetId);
  });
}

/** Asks the targets whether they still have what a dataset serves. One that does not answer may have it. */
export async function findLost(
  db: Db,
  datasetId: string,
  targets: Targets,
  reconcile: Reconcile,
  signal: AbortSignal,
): Promise<void> {
  for (const index of await listIndexes(db, datasetId)) {
    if (index.state !== 'served') continue;
    const held = await targets
      .get(index.target)
      ?.holds?.(index, { signal })
      .catch(() => true);
    if (held === false) await noteLost(db, datasetId, index.id, reconcile);
  }
}
