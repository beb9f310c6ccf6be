import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { jobId, success } from '../contract.ts';
import { knownEngines } from '../engines/choose.ts';
import type { LocalEngine } from '../engines/local-engine.ts';
import { forgetRuns } from '../runs/delete.ts';
import { noRun, runGoesOn } from '../runs/errors.ts';
import { visibleRun } from '../runs/visible-run.ts';

export const deleteRun = (engine: LocalEngine) =>
  tool({
    name: 'orcaops_delete_run',
    title: 'Delete a run',
    description:
      'Tutti ops: deletes the record of a container job that has ended, with its output and artifacts, for good. Its job_id is free again. For all old ones use orcaops_cleanup_runs.',
    toolset: 'ops',
    effect: 'destroy',
    scope: 'ops:destroy',
    input: { job_id: jobId },
    output: z.looseObject({
      success,
      job_id: z.string().describe('Id of the job.'),
      message: z.string().describe('What became of it.'),
    }),
    examples: [
      {
        title: 'Delete a run',
        input: { job_id: 'count-lines-0' },
        output: { success: true, job_id: 'count-lines-0', message: 'Deleted, with its output and artifacts.' },
      },
    ],
    async run({ job_id }, { db, principal }) {
      await knownEngines(db, engine);
      const run = await visibleRun(db, principal, job_id, noRun);
      if (!run.finished_at) throw runGoesOn(job_id);
      await forgetRuns(db, [run.id]);
      return { success: true as const, job_id: run.name, message: 'Deleted, with its output and artifacts.' };
    },
  });
