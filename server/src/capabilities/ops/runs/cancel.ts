import type { Db } from '../../../core/db/database.ts';
import { requestCancel } from '../../../core/jobs/store.ts';
import { cancelWaiting } from '../../../core/jobs/waiting/store.ts';
import { isAway } from '../engines/store.ts';
import { closeUnstarted } from './close.ts';
import type { RunRow } from './store.ts';

/**
 * Asks a run to stop; answers the state of its job by then, undefined when it had ended. It ends at once where nobody is there who
 * could end its container: that is removed once its engine is back.
 */
export async function cancelRun(tx: Db, run: RunRow, reason: string | null): Promise<string | undefined> {
  const state = await requestCancel(tx, run.id, reason);
  const left = state === 'running' && (await isAway(tx, run.engine)) && (await cancelWaiting(tx, run.id));
  if (state !== 'canceled' && !left) return state;
  await closeUnstarted(tx, run);
  return 'canceled';
}
