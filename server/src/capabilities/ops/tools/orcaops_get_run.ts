import { tool } from '../../../core/tool.ts';
import { jobId, runSchema } from '../contract.ts';
import { knownEngines } from '../engines/choose.ts';
import type { LocalEngine } from '../engines/local-engine.ts';
import { compareRun } from '../runs/compare.ts';
import { noRun } from '../runs/errors.ts';
import { exampleRun } from '../runs/example.ts';
import { analyseLogs } from '../runs/log-analysis.ts';
import { showRun } from '../runs/show.ts';
import { listSteps } from '../runs/store.ts';
import { visibleRun } from '../runs/visible-run.ts';

export const getRun = (engine: LocalEngine) =>
  tool({
    name: 'orcaops_get_run',
    title: 'Show a run and its past',
    description:
      'Tutti ops: shows the record of one container job and compares it with earlier runs of the same work (image, commands, env, artifacts): how often they succeeded, how long they took, what is unusual. It also counts errors and warnings in the output. To wait for a job that runs, use orcaops_get_job_status.',
    toolset: 'ops',
    effect: 'read',
    scope: 'ops:read',
    input: { job_id: jobId },
    output: runSchema,
    examples: [
      {
        title: 'A run beside earlier ones',
        input: { job_id: 'count-lines-1' },
        output: {
          ...exampleRun,
          comparison: {
            runs: 4,
            succeeded: 4,
            duration_seconds_median: 0.3,
            duration_seconds: 0.286,
            previous_job_id: 'count-lines-0',
            previous_status: 'success',
          },
          log_analysis: { error_count: 0, warning_count: 0, error_lines: [], stack_traces: [], untrusted: true },
          anomalies: [],
        },
      },
    ],
    async run({ job_id }, { db, principal }) {
      await knownEngines(db, engine);
      const run = await visibleRun(db, principal, job_id, noRun);
      const log_analysis = analyseLogs(await listSteps(db, run.id));
      return { ...(await showRun(db, run)), log_analysis, ...(await compareRun(db, run)) };
    },
  });
