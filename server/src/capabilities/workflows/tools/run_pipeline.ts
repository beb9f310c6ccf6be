import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import type { JobEngine } from '../../../core/jobs/engine.ts';
import type { EndTellers } from '../../../core/jobs/wait-for-end.ts';
import { tool } from '../../../core/tool.ts';
import { askOwner, takeAnswer } from '../approvals/ask.ts';
import { runSchema, workflowName } from '../contract.ts';
import { noDefault } from '../errors.ts';
import { runQueue } from '../runs/room/room.ts';
import { showRun } from '../runs/show.ts';
import { refuseLoop, type StartNeeds, startRun } from '../runs/start.ts';
import { findRun } from '../runs/store.ts';
import { visibleRun } from '../runs/visible-run.ts';
import { waitForEnd } from '../runs/wait-for-end.ts';

export interface RunPipelineNeeds extends EndTellers {
  readonly start: StartNeeds;
  readonly jobs: Pick<JobEngine, 'hurry' | 'endedHere'>;
  readonly defaultWorkflow: string | undefined;
}

export const runPipeline = ({ start, jobs, feed, defaultWorkflow }: RunPipelineNeeds) =>
  tool({
    name: 'run_pipeline',
    title: 'Run a workflow',
    description:
      'Tutti workflows: runs a workflow, by default the one that the operator chose, waits and answers its status, summary and output. After wait_s it answers the run as it is by then: go on with get_workflow_run and wait_s. To start a pipeline of the Orchestra platform use its own tools.',
    toolset: 'workflows',
    effect: 'write',
    scope: 'workflows:write',
    common: true,
    input: {
      since: z
        .string()
        .max(40)
        .refine((text) => isoTime.safeParse(text).success, 'must be a time, ISO 8601')
        .meta({ format: 'date-time' })
        .nullish()
        .describe('Becomes `since` of the input: from when on there is something to do, ISO 8601.'),
      workflow: workflowName.optional().describe('Name of the workflow; by default the one of the operator.'),
      version: z.int().min(1).optional().describe('Version of the workflow; by default the newest.'),
      input: z
        .record(z.string(), z.unknown())
        .default({})
        .describe('Its input, by the schema that get_workflow shows.'),
      wait_s: z.number().min(0).max(40).default(20).describe('Seconds to wait for its end, 0 to 40.'),
    },
    output: runSchema,
    examples: [
      {
        title: 'Run the default workflow on what came since a time',
        input: { since: '2025-04-18T00:00:00Z' },
        output: {
          status: 'partial',
          summary: '19 of 20 emails processed',
          run_id: 'run_01kc5b0v6m8q3t9x2y4z7a1b5c',
          workflow: 'email-triage',
          version: 3,
          job_id: 'job_01kc5b0v6m8q3t9x2y4z7a1b5d',
          owner: 'prn_01kc5azz00000000000000000a',
          trigger: { kind: 'manual' },
          counts: { states: 148, calls: 108, failed_items: 1 },
          redrives: 0,
          output: { processed: 19, failed: 1 },
          created_at: '2026-11-20T09:30:00.000Z',
          started_at: '2026-11-20T09:30:00.012Z',
          ended_at: '2026-11-20T09:30:00.301Z',
        },
      },
    ],
    async run({ since, workflow = defaultWorkflow, version, input }, { db, authority, cause }) {
      if (workflow === undefined) throw noDefault();
      refuseLoop(cause, workflow);
      const run = await startRun(
        db,
        {
          workflow,
          version,
          input: withSince(input, since),
          trigger: { kind: cause === undefined ? 'manual' : 'workflow' },
          authority,
        },
        start,
      );
      return showRun(db, run, start);
    },
    async settle(answer, { wait_s }, context) {
      const run = await findRun(context.db, answer.run_id);
      // Removed since: the call is repeated.
      if (!run) return answer;
      await jobs.hurry(runQueue);
      const orApproval = context.answer?.action !== 'cancel';
      const now = await waitForEnd(run, wait_s, { jobs, feed }, context, { orApproval });
      if (!now.ended_at) await askOwner(now, context, start.payloads);
      return showRun(context.db, now, start);
    },
    async resume(answer, _input, { db, principal }) {
      const run = await visibleRun(db, principal, answer.state.run_id ?? '');
      await takeAnswer(db, principal, answer, start.payloads);
      return showRun(db, run, start);
    },
  });

/** Its pattern would be a tenth of what every client is told of the tool. */
const isoTime = z.iso.datetime({ offset: true, local: true });

function withSince(input: Readonly<Record<string, unknown>>, since: string | null | undefined) {
  if (since === undefined || since === null) return input;
  if (input.since === undefined || input.since === since) return { ...input, since };
  throw new AppError(
    'VALIDATION_FAILED',
    'The input of run_pipeline is not valid.',
    'Give `since` once: beside `input` or within it.',
    { issues: [{ path: 'since', message: 'differs from input.since' }] },
  );
}
