import type { Authority } from '../../../core/auth/authority.ts';
import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import type { Feed } from '../../../core/events/feed.ts';
import { newId } from '../../../core/ids.ts';
import type { JobEngine } from '../../../core/jobs/engine.ts';
import { findJob, type JobRow } from '../../../core/jobs/store.ts';
import type { ToolContext } from '../../../core/tool.ts';
import { sandboxBusy, tooLong } from './errors.ts';
import { type SandboxRow, takeSandbox } from './store.ts';

export type Action = 'create' | 'start' | 'stop' | 'delete' | 'snapshot';

/** What a job is to do with a sandbox. */
export interface SandboxWork {
  readonly sandbox_id: string;
  readonly action: Action;
  /** The status of before, for a snapshot. */
  readonly before?: string;
  /** With its volumes; of a stop. */
  readonly volumes?: boolean;
  /** With its snapshots; of a delete. */
  readonly snapshots?: boolean;
  readonly snapshot_id?: string;
  /** Its time is over: nobody asked, and nobody's scopes count. */
  readonly expiry?: boolean;
}

/** What its status says meanwhile, and the longest that the work may take. */
export const actions: Readonly<Record<Action, { readonly status: string; readonly seconds: number }>> = {
  create: { status: 'creating', seconds: 120 },
  start: { status: 'starting', seconds: 300 },
  stop: { status: 'stopping', seconds: 120 },
  delete: { status: 'deleting', seconds: 120 },
  snapshot: { status: 'snapshotting', seconds: 300 },
};

/** The queue of an engine's sandboxes, apart from its jobs: a stop must not wait for them. */
export function queueOfSandboxes(engine: string): string {
  return `ops.${engine}.sandboxes`;
}

/** Enqueues work on a sandbox in the caller's transaction; answers the job's id. Throws CONFLICT while another one works on it. */
export async function requestWork(
  db: Db,
  sandbox: SandboxRow,
  work: Omit<SandboxWork, 'sandbox_id'>,
  { jobs, authority }: { readonly jobs: JobEngine; readonly authority: Authority },
): Promise<string> {
  const { status, seconds } = actions[work.action];
  const id = newId('job');
  if (!(await takeSandbox(db, sandbox.id, id, status))) throw sandboxBusy(sandbox.name, sandbox.status);
  await jobs.enqueue(db, {
    id,
    kind: 'ops.sandbox',
    authority,
    input: { ...work, sandbox_id: sandbox.id, before: sandbox.status } satisfies SandboxWork,
    metadata: { sandbox: sandbox.name, action: work.action },
    timeoutS: seconds,
    queue: queueOfSandboxes(sandbox.engine),
  });
  return id;
}

const lookMs = 1000;

/** Waits for a job of ours: true once it has succeeded, false when the time is over before its end. Throws why it failed. */
export async function waitForWork(
  jobId: string,
  action: Action,
  seconds: number,
  feed: Feed,
  { db, signal, progress }: Pick<ToolContext, 'db' | 'signal' | 'progress'>,
): Promise<boolean> {
  const until = Date.now() + seconds * 1000;
  const enough = AbortSignal.any([signal, feed.closed]);
  let told = -1;
  for (;;) {
    const since = await feed.now();
    const job = await findJob(db, jobId);
    // One whose row is gone ended long ago.
    if (!job || job.state === 'succeeded') return true;
    if (job.finished_at) throw failureOf(job, action);
    const left = until - Date.now();
    if (left <= 0 || enough.aborted) return false;
    // It may only grow, and a look at the job always follows it.
    const part = 1 - left / (seconds * 1000);
    if (part > told + 0.02) {
      progress(part, `${action}: ${job.state}`);
      told = part;
    }
    await feed.wait(since, Math.min(left, lookMs), enough);
  }
}

function failureOf({ error, state }: JobRow, action: Action): AppError {
  if (state === 'timed_out') return tooLong(action, actions[action].seconds);
  if (!error) return new AppError('CANCELED', 'The work on this sandbox was canceled.', 'Call again if it is wanted.');
  return new AppError(error.code, error.message, error.suggestion, error.details);
}
