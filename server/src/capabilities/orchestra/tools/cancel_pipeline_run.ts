import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { tool } from '../../../core/tool.ts';
import type { OrchestraAccess } from '../access.ts';
import { hasEnded, runSchema, showRun } from '../present/run.ts';
import { resolveRun, runFields } from '../resolve/resolve-run.ts';
import { windowOf } from '../resolve/times.ts';

export const cancelPipelineRun = (orchestra: OrchestraAccess) =>
  tool({
    name: 'cancel_pipeline_run',
    title: 'Cancel an Orchestra run',
    description:
      'Tutti orchestra: asks Orchestra to cancel a run that has not ended, and answers the run as it is after that: CANCELLING as a rule. Wait for CANCELLED with watch_pipeline_run. It is there only where the operator allows writes. To stop watching a run use cancel_job; for our own workflows, cancel_workflow_run.',
    toolset: 'orchestra',
    effect: 'write',
    scope: 'orchestra:write',
    input: {
      ...runFields,
      force: z.boolean().default(false).describe('Do not wait for tasks that are hard to stop.'),
      dry_run: z.boolean().default(false).describe('Only say what would be cancelled.'),
    },
    output: z.looseObject({
      cancelled: z.boolean().describe('Whether Orchestra was asked to; false for dry_run.'),
      pipeline_run: runSchema.describe('The run as it is now.'),
    }),
    async run({ pipeline_run_id, force, dry_run, ...times }, { principal, signal }) {
      const api = await orchestra.open({ principal, signal });
      const run = await resolveRun(api, pipeline_run_id, windowOf(times));
      if (hasEnded(run)) throw ended(showRun(run, api.site));
      if (dry_run) return { cancelled: false, pipeline_run: showRun(run, api.site) };
      await api.cancel(run.id, force);
      return { cancelled: true, pipeline_run: showRun(await api.run(run.id), api.site) };
    },
  });

function ended({ pipeline_run_id, status, completed_at }: z.output<typeof runSchema>): AppError {
  return new AppError('CONFLICT', 'This run has ended.', 'There is nothing to cancel; see get_pipeline_run_details.', {
    pipeline_run_id,
    status,
    completed_at,
  });
}
