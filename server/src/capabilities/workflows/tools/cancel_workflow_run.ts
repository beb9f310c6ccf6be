import { z } from 'zod';
import { requestCancel } from '../../../core/jobs/store.ts';
import { tool } from '../../../core/tool.ts';
import { runId, runSchema } from '../contract.ts';
import { cancelQueuedRun, closeRun } from '../runs/room/store.ts';
import { showListed } from '../runs/show.ts';
import { visibleRun } from '../runs/visible-run.ts';

export const cancelWorkflowRun = () =>
  tool({
    name: 'cancel_workflow_run',
    title: 'Cancel a workflow run',
    description:
      'Tutti workflows: asks a run to stop. One that waits for its turn ends at once; of one that is under way the calls to other servers are canceled, and it ends in a moment: see it with get_workflow_run. What its states did already stays done. For other jobs use cancel_job.',
    toolset: 'workflows',
    effect: 'write',
    scope: 'workflows:write',
    input: {
      run_id: runId,
      reason: z.string().max(500).optional().describe('Why; kept with the run.'),
    },
    output: runSchema.extend({ message: z.string().describe('What became of the call.') }),
    async run({ run_id, reason = null }, { db, principal }) {
      const run = await visibleRun(db, principal, run_id);
      if (!run.ended_at && !(await cancelQueuedRun(db, run_id, reason))) {
        // A job that had not begun ends here and now, and its run with it.
        if ((await requestCancel(db, run.job_id, reason)) === 'canceled') await closeRun(db, run_id, 'canceled');
      }
      const now = await visibleRun(db, principal, run_id);
      const message = run.ended_at
        ? 'It had ended before.'
        : now.ended_at
          ? 'Canceled before it began.'
          : 'It is being stopped: see its end with get_workflow_run and wait_s.';
      return { ...showListed(now), message };
    },
  });
