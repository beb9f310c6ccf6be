import type { Authority } from '../../../core/auth/authority.ts';
import type { Db } from '../../../core/db/database.ts';
import { AppError, type ErrorEnvelope } from '../../../core/errors.ts';
import { newId } from '../../../core/ids.ts';
import type { JobEngine } from '../../../core/jobs/engine.ts';
import { findJob, type JobRow } from '../../../core/jobs/store.ts';
import { type EndTellers, waitForEnd } from '../../../core/jobs/wait-for-end.ts';
import type { ToolContext } from '../../../core/tool.ts';
import { hashOf, type SandboxPlace } from './directory.ts';
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
  /** Why it is stopped although nobody asked. */
  readonly reason?: ErrorEnvelope['error'];
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

/**
 * The queue of an engine's sandboxes, apart from its jobs: a stop must not wait for them. What needs the directory of a sandbox goes
 * to the processes that have it, by its place.
 */
export function queueOfSandboxes(engine: string, place?: SandboxPlace): string {
  const queue = `ops.${engine}.sandboxes`;
  return place ? `${queue}.${hashOf(place.root).slice(0, 16)}` : queue;
}

const withDirectory: readonly Action[] = ['create', 'start', 'snapshot'];

/** Enqueues work on a sandbox in the caller's transaction; answers the job's id. Throws CONFLICT while another one works on it. */
export async function requestWork(
  db: Db,
  sandbox: SandboxRow,
  work: Omit<SandboxWork, 'sandbox_id'>,
  { jobs, place, authority }: { readonly jobs: JobEngine; readonly place: SandboxPlace; readonly authority: Authority },
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
    queue: queueOfSandboxes(sandbox.engine, withDirectory.includes(work.action) ? place : undefined),
  });
  return id;
}

/** Waits for a job of ours: true once it has succeeded, false when the time is over before its end. Throws why it failed. */
export async function waitForWork(
  jobId: string,
  action: Action,
  seconds: number,
  tellers: EndTellers,
  context: Pick<ToolContext, 'db' | 'signal' | 'progress'>,
): Promise<boolean> {
  const job = await waitForEnd(jobId, seconds, tellers, context, async () => {
    const found = await findJob(context.db, jobId);
    return { found, ended: !found || found.finished_at !== null, words: `${action}: ${found?.state ?? 'ended'}` };
  });
  // One whose row is gone ended long ago.
  if (!job || job.state === 'succeeded') return true;
  if (job.finished_at) throw failureOf(job, action);
  return false;
}

function failureOf({ error, state }: JobRow, action: Action): AppError {
  if (state === 'timed_out') return tooLong(action, actions[action].seconds);
  if (!error) return new AppError('CANCELED', 'The work on this sandbox was canceled.', 'Call again if it is wanted.');
  return new AppError(error.code, error.message, error.suggestion, error.details);
}
