import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import { lineageOf, type Target } from '../jobs/target.ts';
import { deleteIndex, type IndexRow, listIndexes } from './store.ts';

export type Targets = ReadonlyMap<string, Target>;

/**
 * Frees what indexes take that nobody needs, and forgets them. What another index still uses stays; so does one whose
 * target is away, until the next time: nothing that is served waits for it. Repeatable.
 */
export async function dropIndexes(db: Db, targets: Targets, indexes: readonly IndexRow[]): Promise<void> {
  for (const index of indexes) {
    const others = await listIndexes(db, index.dataset_id, index.target);
    const lineage = lineageOf(index.pointer, index.id);
    const shared = others.some(({ id, pointer }) => id !== index.id && lineageOf(pointer, id) === lineage);
    try {
      await targets.get(index.target)?.drop(index, shared);
    } catch (error) {
      if (error instanceof AppError) continue;
      throw error;
    }
    await deleteIndex(db, index.id);
  }
}
