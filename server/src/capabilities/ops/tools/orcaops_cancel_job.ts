import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { jobId, success } from '../contract.ts';
import { knownEngines } from '../engines/choose.ts';
import type { LocalEngine } from '../engines/local-engine.ts';
import { cancelRun } from '../runs/cancel.ts';
import { shownStatus } from '../runs/show.ts';
import { visibleRun } from '../runs/visible-run.ts';

export const cancelJob = (engine: LocalEngine) =>
  tool({
    name: 'orcaops_cancel_job',
    title: 'Cancel a container job',
    description:
      'Tutti ops: stops a container job. One that waits ends at once; of one that runs the container is killed, after the artifacts that are there by then were taken: see its end with orcaops_get_job_status. For jobs of other kinds use cancel_job.',
    toolset: 'ops',
    effect: 'write',
    scope: 'ops:write',
    input: {
      job_id: jobId,
      reason: z.string().max(500).optional().describe('Why; kept with the job.'),
    },
    output: z.looseObject({
      success,
      job_id: z.string().describe('Id of the job.'),
      status: z.string().describe('Its status now: cancelled, or running until its container is dead.'),
      message: z.string().describe('What became of the call.'),
    }),
    examples: [
      {
        title: 'Stop a job',
        input: { job_id: 'count-lines-2', reason: 'wrong file' },
        output: {
          success: true,
          job_id: 'count-lines-2',
          status: 'running',
          message: 'Its container is being killed. See the end with orcaops_get_job_status and wait_s.',
        },
      },
    ],
    async run({ job_id, reason }, { db, principal }) {
      await knownEngines(db, engine);
      const run = await visibleRun(db, principal, job_id);
      const state = await cancelRun(db, run, reason ?? null);
      const message =
        state === undefined
          ? 'It had ended before.'
          : state === 'canceled'
            ? run.container_id === null
              ? 'Canceled before it began.'
              : `Canceled. Nobody reaches the engine ${run.engine}: its container is removed once somebody does.`
            : 'Its container is being killed. See the end with orcaops_get_job_status and wait_s.';
      return { success: true as const, job_id: run.name, status: shownStatus(state ?? run.state), message };
    },
  });
