import { type EndTellers, waitForEnd as waitForJob } from '../../../core/jobs/wait-for-end.ts';
import type { ToolContext } from '../../../core/tool.ts';
import { pendingOf } from '../approvals/store.ts';
import { type RunRow, runSubject } from './run.ts';
import { findRun } from './store.ts';

/** The run once it has ended, or as it is when the waiting is over; with `orApproval` also as soon as it waits for somebody. */
export function waitForEnd(
  run: RunRow,
  seconds: number,
  tellers: EndTellers,
  context: Pick<ToolContext, 'db' | 'signal' | 'progress'>,
  { orApproval = false } = {},
): Promise<RunRow> {
  const { db } = context;
  const look = async () => {
    const found = (await findRun(db, run.id)) ?? run;
    const asks = orApproval && found.status === 'waiting' && (await pendingOf(db, run.id)).length > 0;
    return { found, ended: asks || found.ended_at !== null, words: found.status };
  };
  return waitForJob(run.job_id, seconds, tellers, context, look, runSubject(run.id));
}
