import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import type { OrchestraAccess } from '../access.ts';
import { hasEnded, runSchema, showRun } from '../present/run.ts';
import { resolveRun, runFields } from '../resolve/resolve-run.ts';
import { windowOf } from '../resolve/times.ts';

const shown = runSchema.pick({
  pipeline_run_id: true,
  pipeline_id: true,
  pipeline_name: true,
  status: true,
  message: true,
  created_at: true,
  started_at: true,
  completed_at: true,
  duration_seconds: true,
  url: true,
});

export const getPipelineRunStatus = (orchestra: OrchestraAccess) =>
  tool({
    name: 'get_pipeline_run_status',
    title: 'Show how far an Orchestra run is',
    description:
      'Tutti orchestra: says how far a run of a pipeline of the Orchestra platform is: status, times, duration. For its tasks use get_pipeline_run_details, for why it failed diagnose_pipeline_run, to wait for its end watch_pipeline_run.',
    toolset: 'orchestra',
    effect: 'read',
    scope: 'orchestra:read',
    input: runFields,
    output: shown.extend({ ended: z.boolean().describe('Whether nothing more comes of it.') }),
    async run({ pipeline_run_id, ...times }, context) {
      const window = windowOf(times);
      const api = await orchestra.open(context);
      const run = await resolveRun(api, pipeline_run_id, window);
      return { ...pick(showRun(run, api.site)), ended: hasEnded(run) };
    },
  });

function pick(run: z.output<typeof runSchema>): z.output<typeof shown> {
  const { triggered_by: _, child_runs: __, environment: ___, branch: ____, commit: _____, ...rest } = run;
  return rest;
}
