import type { Db } from '../../../core/db/database.ts';
import { type Approval, pendingOf } from '../approvals/store.ts';
import { endStatuses, type Run } from '../contract.ts';
import type { Payload, Payloads, RunRow } from './run.ts';

/** Bytes of an output that an answer holds; a larger one is fetched by its own call. */
const maxInline = 256 * 1024;

/** What an answer shows of a run besides how it stands. */
export interface ShowNeeds {
  readonly payloads: Payloads;
  /** Open sealed values as well: for the owner, who asked for it. */
  readonly sensitive?: boolean | undefined;
  /** And those that are kept as objects, up to so many bytes. */
  readonly maxBytes?: number | undefined;
}

/** A run as the tools answer it. */
export async function showRun(db: Db, run: RunRow, needs: ShowNeeds): Promise<Run> {
  const pending = run.ended_at === null ? await pendingOf(db, run.id) : [];
  const output = run.output === null ? {} : await shownOutput(run, run.output, needs);
  return { ...showListed(run, pending), ...output };
}

/** A run as lists show it, without its output. */
export function showListed(run: RunRow, pending: readonly Approval[] = []): Run {
  return {
    status: run.status,
    summary: run.summary ?? summaryOf(run, pending.length),
    run_id: run.id,
    workflow: run.workflow,
    version: run.version,
    job_id: run.job_id,
    owner: run.owner,
    trigger: { ...run.trigger },
    counts: { ...run.counts },
    redrives: run.redrives,
    ...(run.error && { error: { ...run.error } }),
    ...(pending.length > 0 && { approvals: pending.map(shownApproval) }),
    created_at: run.created_at.toISOString(),
    ...(run.started_at && { started_at: run.started_at.toISOString() }),
    ...(run.ended_at && { ended_at: run.ended_at.toISOString() }),
  };
}

function shownApproval({ id, message, expires_at }: Approval) {
  return { approval_id: id, message, expires_at: expires_at.toISOString() };
}

async function shownOutput(run: RunRow, output: Payload, needs: ShowNeeds): Promise<Partial<Run>> {
  const omitted = whyOmitted(output, needs);
  if (omitted !== undefined) return { output_omitted: omitted };
  return { output: await needs.payloads.open(output, { runId: run.id, path: 'output' }) };
}

/** Why a value is not shown; undefined where it is. */
export function whyOmitted(
  payload: Payload,
  { sensitive = false, maxBytes = maxInline }: Omit<ShowNeeds, 'payloads'>,
): string | undefined {
  if (('sealed' in payload || 'sealed_ref' in payload) && !sensitive) return 'sensitive';
  const bytes = bytesOf(payload);
  return bytes > maxBytes ? `${bytes} bytes` : undefined;
}

function bytesOf(payload: Payload): number {
  if ('ref' in payload) return payload.ref.bytes;
  if ('sealed_ref' in payload) return payload.sealed_ref.bytes;
  return 'sealed' in payload ? payload.bytes : 0;
}

/** How a run stands, where it has not said so itself. */
function summaryOf(run: RunRow, approvals: number): string {
  if (run.status === 'queued') {
    return run.dispatched_at ? 'It waits for its turn.' : 'It waits until other runs of the workflow have ended.';
  }
  if (approvals > 0) return `It waits for ${approvals === 1 ? 'an approval' : `${approvals} approvals`}.`;
  if (run.status === 'waiting') return 'It waits for a time that its definition says.';
  if (run.status === 'canceled') return 'It was canceled.';
  if (endStatuses.includes(run.status)) return run.error?.message ?? `It ended as ${run.status}.`;
  return 'It is under way.';
}
