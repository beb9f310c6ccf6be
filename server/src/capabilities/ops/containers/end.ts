import type { Db } from '../../../core/db/database.ts';
import { requestCancel } from '../../../core/jobs/store.ts';
import type { Engine } from '../docker/client.ts';
import { removeContainer } from '../docker/containers.ts';
import { engineCall, statusOf } from '../docker/failure.ts';
import { giveUpParked } from '../reconcile/store.ts';
import { closeUnstarted } from '../runs/close.ts';
import { findRun } from '../runs/store.ts';
import { notOurs, stillRuns, takenByJob } from './errors.ts';
import type { Seen } from './seen.ts';

const graceS = 10;

/**
 * Ends a container of ours and says what becomes of it: that of a job by canceling the job, so that it ends in its true state.
 * Throws CONTAINER_NOT_OURS, STOP_FAILED.
 */
export async function stopSeen(tx: Db, engine: Engine, seen: Seen): Promise<string> {
  const { owner, id } = seen;
  if (owner.kind === 'foreign') throw notOurs(id.slice(0, 12));
  if (owner.kind === 'job') return cancelJobOf(tx, owner.row.run_id ?? '', owner.row.job_name);
  if (owner.kind === 'pool') {
    if (!(await giveUpParked(tx, seen.name))) throw takenByJob(id.slice(0, 12));
    return 'It waited for a job; it is removed.';
  }
  if (seen.state !== 'running') return 'It did not run.';
  const container = engine.docker.getContainer(id);
  await engineCall(engine, () =>
    container.stop({ t: graceS }).catch((error) => {
      // Stopped or gone since.
      if (![304, 404].includes(statusOf(error) ?? 0)) throw error;
    }),
  );
  return owner.kind === 'sandbox' ? `Stopped; start sandbox ${owner.sandbox.name} again for a new one.` : 'Stopped.';
}

/** Removes a container of ours; one that runs only by force. Throws CONTAINER_NOT_OURS, REMOVE_FAILED. */
export async function removeSeen(tx: Db, engine: Engine, seen: Seen, force: boolean): Promise<string> {
  const { owner, id } = seen;
  if (owner.kind === 'foreign') throw notOurs(id.slice(0, 12));
  const runs = seen.state === 'running' || seen.state === 'paused';
  const needed = owner.kind === 'job' && !owner.row.unneeded;
  if ((runs || needed) && !force) throw stillRuns(id.slice(0, 12));
  if (owner.kind === 'job' && needed) return cancelJobOf(tx, owner.row.run_id ?? '', owner.row.job_name);
  if (owner.kind === 'pool' || owner.kind === 'job') {
    if (owner.kind === 'pool') await giveUpParked(tx, seen.name);
    return 'Nobody needs it; it is removed at once.';
  }
  await removeContainer(engine, id);
  return 'Removed.';
}

async function cancelJobOf(tx: Db, runId: string, name: string | null): Promise<string> {
  const state = await requestCancel(tx, runId, 'its container was stopped');
  if (state === undefined) return 'Its job had ended; it is removed at once.';
  const run = state === 'canceled' ? await findRun(tx, runId) : undefined;
  if (run) await closeUnstarted(tx, run);
  return `Job ${name} is being canceled: its artifacts are taken, then its container is killed and removed.`;
}
