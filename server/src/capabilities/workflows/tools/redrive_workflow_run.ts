import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import type { JobEngine } from '../../../core/jobs/engine.ts';
import { findJob, requeueJob } from '../../../core/jobs/store.ts';
import { tool } from '../../../core/tool.ts';
import { runId, runSchema } from '../contract.ts';
import { redriveRun } from '../redrive.ts';
import type { RunRow } from '../runs/run.ts';
import { showListed } from '../runs/show.ts';
import { lockRun, reopenRun } from '../runs/store.ts';
import { visibleRun } from '../runs/visible-run.ts';

export const redriveWorkflowRun = (jobs: Pick<JobEngine, 'rewind'>) =>
  tool({
    name: 'redrive_workflow_run',
    title: 'Redrive a workflow run',
    description:
      'Tutti workflows: runs an ended run again from where it failed: failed items and branches alone, all else stays as it is. With `from` all from that state on runs again. It keeps its version and its input; to run the newest version use run_pipeline. A run in doubt needs resolve_in_doubt_call.',
    toolset: 'workflows',
    effect: 'write',
    scope: 'workflows:write',
    input: {
      run_id: runId,
      from: z
        .string()
        .min(1)
        .max(2000)
        .optional()
        .describe(
          'Name of a state at the top of the definition, or the path of any state, item or branch of its history (1:Each[3]/0:Classify), from which all is run anew; by default what failed.',
        ),
    },
    output: runSchema,
    async run({ run_id, from }, { db, principal }) {
      await visibleRun(db, principal, run_id);
      const run = (await lockRun(db, run_id)) as RunRow;
      if (!run.ended_at || !run.dispatched_at) throw notEnded(run);
      if (!(await findJob(db, run.job_id))?.finished_at) throw noJob(run);
      await redriveRun(db, run, from === undefined ? {} : { from });
      // The job first: a run whose job has ended shows as that did.
      await requeueJob(db, run.job_id);
      const reopened = await reopenRun(db, run_id);
      await jobs.rewind(run.job_id, 0);
      return showListed(reopened);
    },
  });

function notEnded(run: RunRow): AppError {
  return new AppError(
    'CONFLICT',
    run.ended_at ? 'This run never began.' : 'This run has not ended.',
    run.ended_at
      ? 'Start one with run_pipeline.'
      : 'Wait for its end (get_workflow_run with wait_s) or cancel it first.',
    { status: run.status },
  );
}

/** A run tells its end a moment before its job does, and is kept for longer. */
function noJob(run: RunRow): AppError {
  return new AppError(
    'CONFLICT',
    'The job of this run has not ended yet, or is not kept any more.',
    'Try again in a moment. A run that ended jobs.keep_days ago cannot be redriven: start one with run_pipeline.',
    { job_id: run.job_id },
  );
}
