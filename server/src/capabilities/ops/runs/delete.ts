import type { Db } from '../../../core/db/database.ts';
import { releaseObjects } from '../../../core/objects/holds/store.ts';
import { holderOf } from '../jobs/artifacts.ts';
import { deleteRuns } from './store.ts';

/** Forgets runs with their output and artifacts; the bytes go with the next collection of what nobody holds. */
export async function forgetRuns(tx: Db, ids: readonly string[]): Promise<void> {
  await releaseObjects(tx, ids.map(holderOf));
  await deleteRuns(tx, ids);
}
