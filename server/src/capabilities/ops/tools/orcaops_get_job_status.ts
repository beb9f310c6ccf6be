import { z } from 'zod';
import type { EndTellers } from '../../../core/jobs/wait-for-end.ts';
import { tool } from '../../../core/tool.ts';
import { jobId, runSchema } from '../contract.ts';
import { knownEngines } from '../engines/choose.ts';
import type { LocalEngine } from '../engines/local-engine.ts';
import { exampleRun } from '../runs/example.ts';
import { showRun } from '../runs/show.ts';
import { visibleRun } from '../runs/visible-run.ts';
import { waitForRun } from '../runs/wait-for-run.ts';

export const getJobStatus = (engine: LocalEngine, tellers: EndTellers) =>
  tool({
    name: 'orcaops_get_job_status',
    title: 'Show a container job',
    description:
      'Tutti ops: shows one container job: status, steps with exit codes and output, artifacts, limits and error. With wait_s it waits for the end first. For long output use orcaops_get_job_logs; to compare with earlier runs, orcaops_get_run.',
    toolset: 'ops',
    effect: 'read',
    scope: 'ops:read',
    input: {
      job_id: jobId,
      wait_s: z.number().min(0).max(40).default(0).describe('Seconds to wait for its end, 0 to 40.'),
    },
    output: runSchema,
    examples: [
      { title: 'Wait for the end of a job', input: { job_id: 'count-lines-1', wait_s: 30 }, output: exampleRun },
    ],
    async run({ job_id, wait_s }, context) {
      await knownEngines(context.db, engine);
      const run = await visibleRun(context.db, context.principal, job_id);
      const ended = wait_s > 0 ? await waitForRun(run.id, wait_s, tellers, context) : undefined;
      return showRun(context.db, ended ?? run);
    },
  });
