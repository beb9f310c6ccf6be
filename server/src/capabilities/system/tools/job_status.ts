import { z } from 'zod';
import { jobSchema } from '../../../core/jobs/job.ts';
import { toJob } from '../../../core/jobs/store.ts';
import { type EndTellers, waitForEnd } from '../../../core/jobs/wait-for-end.ts';
import { tool } from '../../../core/tool.ts';
import { visibleJob } from '../visible-job.ts';

export const jobStatus = (tellers: EndTellers) =>
  tool({
    name: 'job_status',
    title: 'Show a job',
    description:
      'Tutti: shows one job: its state, progress, counters, error and report. With wait_s it waits until the job ends or the time is over, so no polling loop is needed. To find a job, use list_jobs.',
    toolset: 'system',
    effect: 'read',
    scope: 'system:read',
    common: true,
    input: {
      job_id: z.string().describe('Id of the job.'),
      wait_s: z.number().min(0).max(40).default(0).describe('Seconds to wait for its end, 0 to 40.'),
    },
    output: jobSchema,
    async run({ job_id, wait_s }, context) {
      const look = async () => {
        const found = await visibleJob(context.db, context.principal, job_id);
        return { found, ended: found.finished_at !== null, words: found.state, part: found.progress };
      };
      return toJob(await waitForEnd(job_id, wait_s, tellers, context, look, `job:${job_id}`));
    },
  });
