import { type Db, isConnectionLoss } from '../../../core/db/database.ts';
import { AppError, type ErrorEnvelope, envelope, type Untrusted } from '../../../core/errors.ts';
import type { JobContext, JobHandler } from '../../../core/jobs/handler.ts';
import { splitSignal } from '../jobs/stop-or-leave.ts';
import { removeDirectory } from './directory.ts';
import { composeFailed, tooLong } from './errors.ts';
import type { SandboxNeeds } from './needs.ts';
import { actions, type SandboxWork } from './request.ts';
import { takeDown } from './services.ts';
import { makeSnapshot, removeSnapshotsOf } from './snapshots.ts';
import { deleteSandbox, findSandbox, giveSandboxBack, type SandboxRow } from './store.ts';
import { makeSandbox, marksOf, secretsOf, startSandbox, type Workplace } from './work.ts';

interface Done {
  readonly error?: ErrorEnvelope['error'];
  readonly output?: string;
  readonly path?: string;
  readonly compose_sha256?: string;
}

/**
 * Works on a sandbox: makes, starts, stops, deletes it, or keeps a snapshot. All of it is one step, for each of these can be
 * repeated from its beginning. It runs although the job was asked to stop, for the sandbox is to be left in a state that is told.
 */
export const sandboxJob = (needs: SandboxNeeds): JobHandler => ({
  kind: 'ops.sandbox',
  version: 1,
  async run(context, input) {
    const work = input as unknown as SandboxWork;
    const sandbox = await findSandbox(needs.db, work.sandbox_id);
    // Deleted: a try before this one was cut off after its end was written down.
    if (!sandbox) return undefined;
    const done = await context.wrapUp('work', () => attempt(sandbox, work, context, needs));
    await context.conclude('end', (tx) => writeEnd(tx, sandbox, work, context.job.id, done));
    if (done.error) throw new AppError(done.error.code, done.error.message, done.error.suggestion, done.error.details);
    return { sandbox: sandbox.name, action: work.action };
  },
});

async function attempt(
  sandbox: SandboxRow,
  work: SandboxWork,
  context: JobContext,
  needs: SandboxNeeds,
): Promise<Done> {
  const { stop, leave } = splitSignal(context.signal);
  const either = AbortSignal.any([stop, leave]);
  try {
    if (!work.expiry) await authorise(context, work);
    const engine = await needs.engine.reach();
    const { place, images } = needs;
    const server = await needs.installation();
    return await orAbort(carryOut(sandbox, work, { engine, place, images, server }, needs, either), either);
  } catch (error) {
    leave.throwIfAborted();
    // The database is away: the step as a whole is tried again.
    if (isConnectionLoss(error)) throw error;
    if (stop.aborted) return { error: envelope(stopReason(stop, work)).error };
    if (!(error instanceof AppError)) needs.log.error({ sandbox: sandbox.id, error }, 'work on a sandbox failed');
    return { error: envelope(engineRefused(error, work)).error };
  }
}

/** An engine that answers and does not do it, in the words of what was asked for. */
function engineRefused(error: unknown, { action }: SandboxWork): unknown {
  if (!(error instanceof AppError && error.code === 'DOCKER_REFUSED')) return error;
  const { cause } = error.details as { readonly cause?: Untrusted };
  if (action === 'start') return composeFailed('START_FAILED', 'The Docker engine did not start the sandbox.', cause);
  if (action === 'stop') return composeFailed('STOP_FAILED', 'The Docker engine did not stop the sandbox.', cause);
  return error;
}

async function carryOut(
  sandbox: SandboxRow,
  work: SandboxWork,
  at: Workplace,
  needs: SandboxNeeds,
  signal: AbortSignal,
): Promise<Done> {
  const marks = marksOf(sandbox, at.server);
  switch (work.action) {
    case 'create':
      return makeSandbox(sandbox, at, signal);
    case 'start':
      return { output: await startSandbox(sandbox, at, signal) };
    case 'stop':
      await takeDown(at.engine, marks, { volumes: work.volumes === true });
      return {};
    case 'delete':
      await takeDown(at.engine, marks, { volumes: true });
      await removeDirectory(at.place, sandbox.directory);
      if (work.snapshots) await removeSnapshotsOf(sandbox, at.engine, needs.db);
      return {};
    case 'snapshot':
      await makeSnapshot(work.snapshot_id ?? '', marks, await secretsOf(sandbox, at), at.engine, needs.db);
      return {};
  }
}

async function writeEnd(
  tx: Db,
  sandbox: SandboxRow,
  { action, before = 'stopped', volumes, reason }: SandboxWork,
  jobId: string,
  done: Done,
): Promise<void> {
  const { error, ...rest } = done;
  if (action === 'delete' && !error) return deleteSandbox(tx, sandbox.id);
  // A name that nothing came of is free again.
  if (action === 'create' && error) return deleteSandbox(tx, sandbox.id);
  const after = { create: 'created', start: 'running', stop: 'stopped', snapshot: before, delete: 'failed' }[action];
  const status = error && action !== 'snapshot' ? 'failed' : after;
  const started = action === 'start' && !error ? { started_at: new Date() } : {};
  // Nothing is measured of what is gone.
  const empty = action === 'stop' && volumes && !error ? { disk_bytes: 0, volume_bytes: 0 } : {};
  await giveSandboxBack(tx, sandbox.id, jobId, { ...rest, ...started, ...empty, status, error: error ?? reason });
}

/** With what its starter may do now: the token may be gone since. */
async function authorise(context: JobContext, work: SandboxWork): Promise<void> {
  const scope = work.action === 'delete' || work.volumes ? 'ops:destroy' : 'ops:write';
  const principal = await context.principal();
  if (principal.scopes.has(scope)) return;
  throw new AppError(
    'FORBIDDEN',
    `The principal that started this job no longer has the scope ${scope}.`,
    'Start it again with a token that has it.',
    { required_scope: scope },
  );
}

function stopReason(stop: AbortSignal, { action }: SandboxWork): unknown {
  const canceled = stop.reason instanceof AppError && stop.reason.code === 'CANCELED';
  return canceled ? stop.reason : tooLong(action, actions[action].seconds);
}

/** What is asked of the engine goes on there; only nobody waits for it any more. */
function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    if (signal.aborted) stop();
  });
}
