import { tool } from '../../../core/tool.ts';
import type { OrchestraAccess } from '../access.ts';
import { readBroken } from '../diagnosis/broken.ts';
import { brokenSchema, showBroken } from '../diagnosis/show-broken.ts';
import { timeFields, windowOf } from '../resolve/times.ts';

export const whatsBroken = (orchestra: OrchestraAccess) =>
  tool({
    name: 'whats_broken',
    title: 'Show what is broken',
    description:
      'Tutti orchestra: shows what failed or warned in a span of time, over all pipelines, with the same failures together and whether they are over. To find out why one run failed, give its newest_run_id to diagnose_pipeline_run; to list runs one by one, use list_pipeline_runs.',
    toolset: 'orchestra',
    effect: 'read',
    scope: 'orchestra:read',
    input: {
      time_from: timeFields.time_from.describe(
        'Not before this: 2025-04-01T00:00:00Z. By default a day before time_to.',
      ),
      time_to: timeFields.time_to,
    },
    output: brokenSchema,
    async run(times, { principal, signal }) {
      const api = await orchestra.open({ principal, signal });
      return showBroken(await readBroken(api, windowOf(times)), api.site);
    },
  });
