import { z } from 'zod';
import { type Cursors, nextPageField, pageFields } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { jobId, stepSchema, success } from '../contract.ts';
import { knownEngines } from '../engines/choose.ts';
import type { LocalEngine } from '../engines/local-engine.ts';
import { exampleRun } from '../runs/example.ts';
import { shownStatus, showStep } from '../runs/show.ts';
import { listSteps } from '../runs/store.ts';
import { visibleRun } from '../runs/visible-run.ts';

/** Characters of a page; a step that is longer stands alone. */
const pageChars = 80_000;

export const getJobLogs = (engine: LocalEngine, cursors: Cursors) =>
  tool({
    name: 'orcaops_get_job_logs',
    title: 'Read the output of a job',
    description:
      'Tutti ops: answers what the commands of a container job wrote, command by command, while it runs too. Of each stream the first and the last 32 KiB are kept. As it comes: events of type ops.log. For status and artifacts use orcaops_get_job_status.',
    toolset: 'ops',
    effect: 'read',
    scope: 'ops:read',
    input: { job_id: jobId, page: pageFields.page },
    output: z.looseObject({
      success,
      job_id: z.string().describe('Id of the job.'),
      status: z.string().describe('Its status now.'),
      steps: z.array(stepSchema).describe('Its commands, in order.'),
      message: z.string().optional().describe('Why there is nothing, where there is nothing.'),
      next_page: nextPageField,
    }),
    examples: [
      {
        title: 'Read all output',
        input: { job_id: 'count-lines-1' },
        output: { success: true, job_id: 'count-lines-1', status: 'success', steps: exampleRun.steps },
      },
    ],
    async run({ job_id, page }, { db, principal }) {
      await knownEngines(db, engine);
      const run = await visibleRun(db, principal, job_id);
      const from = Number(cursors.decode('orcaops_get_job_logs', run.id, page) ?? 0);
      const rest = (await listSteps(db, run.id)).filter((step) => step.n >= from);
      let chars = 0;
      const fits = rest.findIndex((step, at) => {
        chars += step.stdout.length + step.stderr.length + step.command.length;
        return at > 0 && chars > pageChars;
      });
      const shown = fits < 0 ? rest : rest.slice(0, fits);
      const next = rest[shown.length];
      return {
        success: true as const,
        job_id: run.name,
        status: shownStatus(run.state),
        steps: shown.map((step) => showStep(step, pageChars)),
        ...(rest.length === 0 && { message: 'No command of this job has begun.' }),
        ...(next && { next_page: cursors.encode('orcaops_get_job_logs', run.id, String(next.n)) }),
      };
    },
  });
