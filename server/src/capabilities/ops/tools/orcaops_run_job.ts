import { z } from 'zod';
import type { Feed } from '../../../core/events/feed.ts';
import { tool } from '../../../core/tool.ts';
import { runAnswerSchema } from '../contract.ts';
import { queueOfEngine } from '../engines/choose.ts';
import { exampleAnswer, exampleInput } from '../runs/example.ts';
import { showNewRun, showRun } from '../runs/show.ts';
import { submissionFields } from '../runs/submission.ts';
import { type SubmitNeeds, submitJob } from '../runs/submit.ts';
import { waitForRun } from '../runs/wait-for-run.ts';

export const runJob = (needs: SubmitNeeds, feed: Feed) =>
  tool({
    name: 'orcaops_run_job',
    title: 'Run a container job',
    description:
      'Tutti ops: runs commands in a fresh, walled-in container, waits and answers output, exit codes and artifacts. No network, no root; only /work can be written. After wait_s it answers the job as it is by then: go on with orcaops_get_job_status. Not to wait at all: orcaops_submit_job.',
    toolset: 'ops',
    effect: 'write',
    scope: 'ops:write',
    common: true,
    input: {
      ...submissionFields,
      wait_s: z.number().min(0).max(40).default(20).describe('Seconds to wait for its end, 0 to 40.'),
    },
    output: runAnswerSchema,
    examples: [{ title: 'Count the lines of a dataset', input: exampleInput, output: exampleAnswer }],
    run: async ({ wait_s: _, ...input }, context) => showNewRun(await submitJob(input, context, needs)),
    async settle(answer, { wait_s }, context) {
      const [run] = await Promise.all([
        waitForRun(String(answer.system_job_id), wait_s, { ...needs, feed }, context),
        // Another engine's is not this process's to hurry.
        needs.jobs.hurry(queueOfEngine(needs.engine.name)),
      ]);
      // Deleted since: the call is repeated.
      return run ? showRun(context.db, run) : answer;
    },
  });
