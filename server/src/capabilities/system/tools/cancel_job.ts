import { z } from 'zod';
import { requestCancel } from '../../../core/jobs/store.ts';
import { tool } from '../../../core/tool.ts';
import { mayChange, visibleJob } from '../visible-job.ts';

export const cancelJob = () =>
  tool({
    name: 'cancel_job',
    title: 'Cancel a job',
    description:
      'Tutti: asks a job to stop. A queued job ends at once; a running one stops at its current step, see job_status. What a job did before it stopped stays.',
    toolset: 'system',
    effect: 'write',
    scope: 'system:write',
    common: true,
    input: {
      job_id: z.string().describe('Id of the job.'),
      reason: z.string().max(500).optional().describe('Why; kept with the job.'),
    },
    output: z.looseObject({
      canceled: z.boolean().describe('Whether it was asked to stop; false when it had ended before.'),
      state: z.string().describe('Its state now.'),
    }),
    async run({ job_id, reason }, { db, principal }) {
      const row = await visibleJob(db, principal, job_id);
      mayChange(principal, row);
      const state = await requestCancel(db, job_id, reason ?? null);
      return { canceled: state !== undefined, state: state ?? row.state };
    },
  });
