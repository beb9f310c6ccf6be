import type { Db } from '../../../core/db/database.ts';
import { lineageOf, type Target } from '../jobs/target.ts';
import { deleteIndex, type IndexRow, listIndexes } from './store.ts';

export type Targets = ReadonlyMap<string, Target>;

/** Frees what indexes take that nobody needs, and forgets them. What another index still uses stays. Repeatable. */
export async function dropIndexes(db: Db, targets: Targets, indexes: readonly IndexRow[]): Promise<void> {
  for (const index of indexes) {
    const others = await listIndexes(db, index.dataset_id, index.target);
    const lineage = lineageOf(index.pointer, index.id);
    const shared = others.some(({ id, pointer }) => id !== index.id && lineageOf(pointer, id) === lineage);
    await targets.get(index.target)?.drop(index, shared);
    await deleteIndex(db, index.id);
  }
}
