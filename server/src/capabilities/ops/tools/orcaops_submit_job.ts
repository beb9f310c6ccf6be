import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { success } from '../contract.ts';
import { exampleInput } from '../runs/example.ts';
import { shownStatus } from '../runs/show.ts';
import { submissionFields } from '../runs/submission.ts';
import { type SubmitNeeds, submitJob } from '../runs/submit.ts';

export const submit = (needs: SubmitNeeds) =>
  tool({
    name: 'orcaops_submit_job',
    title: 'Submit a container job',
    description:
      'Tutti ops: submits commands to run in a fresh, walled-in container and answers at once. See it with orcaops_get_job_status, its output with orcaops_get_job_logs, its files with orcaops_list_artifacts. To wait for the end, use orcaops_run_job.',
    toolset: 'ops',
    effect: 'write',
    scope: 'ops:write',
    input: submissionFields,
    output: z.looseObject({
      success,
      job_id: z.string().describe('Id of the job.'),
      system_job_id: z.string().describe('The same job for job_status, cancel_job, events and job:// resources.'),
      status: z.string().describe('queued, as a rule.'),
      message: z.string().describe('What to do next.'),
    }),
    examples: [
      {
        title: 'Submit a job',
        input: exampleInput,
        output: {
          success: true,
          job_id: 'count-lines-1',
          system_job_id: 'job_01kc5b0v6m8q3t9x2y4z7a1b5c',
          status: 'queued',
          message: 'Submitted. Wait for its end with orcaops_get_job_status and wait_s.',
        },
      },
    ],
    async run(input, context) {
      const row = await submitJob(input, context, needs);
      return {
        success: true as const,
        job_id: row.name,
        system_job_id: row.id,
        status: shownStatus(row.state),
        message: 'Submitted. Wait for its end with orcaops_get_job_status and wait_s.',
      };
    },
  });
