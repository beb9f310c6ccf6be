import type { Db } from '../../../core/db/database.ts';
import type { AppError } from '../../../core/errors.ts';
import { removeContainer } from '../docker/containers.ts';
import { engineCall, statusOf } from '../docker/failure.ts';
import type { LocalEngine } from '../engines/local-engine.ts';
import { messageOf } from '../errors.ts';
import { giveUpParked } from '../reconcile/store.ts';
import { cancelRun } from '../runs/cancel.ts';
import { findRun } from '../runs/store.ts';
import { engineRefused, notOurs, stillRuns, takenByJob } from './errors.ts';
import type { Seen } from './seen.ts';

const graceS = 10;

/**
 * Ends a container of ours and says what becomes of it: that of a job by canceling the job, so that it ends in its true state.
 * What jobs and the pool have is ended by whoever reaches its engine.
 * Throws CONTAINER_NOT_OURS, STOP_FAILED.
 */
export async function stopSeen(tx: Db, local: LocalEngine, seen: Seen): Promise<string> {
  const { owner, id } = seen;
  if (owner.kind === 'foreign') throw notOurs(id.slice(0, 12));
  if (owner.kind === 'job') return cancelJobOf(tx, owner.row.run_id ?? '', owner.row.job_name);
  if (owner.kind === 'pool') {
    if (!(await giveUpParked(tx, seen.name))) throw takenByJob(id.slice(0, 12));
    return 'It waited for a job; it is removed.';
  }
  if (seen.state !== 'running') return 'It did not run.';
  const engine = await local.reach();
  const container = engine.docker.getContainer(id);
  await engineCall(
    engine,
    () =>
      container.stop({ t: graceS }).catch((error) => {
        // Stopped or gone since.
        if (![304, 404].includes(statusOf(error) ?? 0)) throw error;
      }),
    (_status, message) => engineRefused('STOP_FAILED', id.slice(0, 12), message),
  );
  return owner.kind === 'sandbox' ? `Stopped; start sandbox ${owner.sandbox.name} again for a new one.` : 'Stopped.';
}

/** Removes a container of ours; one that runs only by force. Throws CONTAINER_NOT_OURS, REMOVE_FAILED. */
export async function removeSeen(tx: Db, local: LocalEngine, seen: Seen, force: boolean): Promise<string> {
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
  await removeContainer(await local.reach(), id).catch((error) => {
    if ((error as AppError).code !== 'DOCKER_REFUSED') throw error;
    throw engineRefused('REMOVE_FAILED', id.slice(0, 12), messageOf((error as AppError).cause));
  });
  return 'Removed.';
}

async function cancelJobOf(tx: Db, runId: string, name: string | null): Promise<string> {
  const run = await findRun(tx, runId);
  const state = run && (await cancelRun(tx, run, 'its container was stopped'));
  if (state === undefined) return 'Its job had ended; it is removed at once.';
  return `Job ${name} is being canceled: its artifacts are taken, then its container is killed and removed.`;
}
