import { z } from 'zod';
import type { JobEngine } from '../../../core/jobs/engine.ts';
import { jobSchema } from '../../../core/jobs/job.ts';
import { toJob } from '../../../core/jobs/store.ts';
import { tool } from '../../../core/tool.ts';
import type { CollectInput } from '../jobs/gc.ts';

export const collectGarbage = (jobs: JobEngine) =>
  tool({
    name: 'collect_garbage',
    title: 'Collect garbage',
    description:
      'Tutti lake: removes what no version of any dataset names any more, as a job: manifests, object bytes, the tables made of them on this host, and indexes of deleted datasets. By default it only counts; metadata.report has count and bytes of each kind. To make garbage of a version first, use delete_version.',
    toolset: 'lake',
    effect: 'destroy',
    scope: 'lake:destroy',
    input: {
      dry_run: z.boolean().default(true).describe('Only count what would go; false removes it.'),
      older_than_days: z
        .number()
        .min(0)
        .max(3650)
        .default(1)
        .describe('Leave what is younger than so many days; 0 leaves nothing but what is named.'),
    },
    output: jobSchema,
    run: async (input, { db, authority }) =>
      toJob(
        await jobs.enqueue(db, {
          kind: 'lake.gc',
          authority,
          input: { dry_run: input.dry_run, older_than_days: input.older_than_days } satisfies CollectInput,
        }),
      ),
  });
