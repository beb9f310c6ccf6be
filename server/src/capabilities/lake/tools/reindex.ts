import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import type { JobEngine } from '../../../core/jobs/engine.ts';
import { jobSchema } from '../../../core/jobs/job.ts';
import { toJob } from '../../../core/jobs/store.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId } from '../contract.ts';
import type { Targets } from '../indexes/drop.ts';
import { findLostIndex, findServedIndex } from '../indexes/store.ts';
import { enqueueIngest } from '../jobs/start-ingest.ts';
import { dataset } from '../objects.ts';
import { targetOf } from './start_ingest.ts';

export const reindex = (jobs: JobEngine, targets: Targets) =>
  tool({
    name: 'reindex',
    title: 'Build an index anew',
    description:
      'Tutti lake: builds the index of a target anew from the current version of a dataset, with the mapping and options of the index that is served, as a job. That one is served until the new one is complete and verified. For the changes alone, or another mapping, use start_ingest.',
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    input: {
      dataset_id: datasetId,
      target: z.string().describe('The target whose index is built, such as lance.'),
    },
    output: jobSchema,
    async run({ dataset_id, target }, { db, authority }) {
      targetOf(targets, target);
      await dataset(db, dataset_id);
      const served = (await findServedIndex(db, dataset_id, target)) ?? (await findLostIndex(db, dataset_id, target));
      if (!served) {
        throw new AppError(
          'NOT_SERVED',
          'This dataset has no index of this target yet.',
          'Call start_ingest, which builds the first one.',
        );
      }
      const options = { ...served.options, mode: 'rebuild' as const };
      return toJob(await enqueueIngest(db, jobs, authority, { dataset_id, target, mapping: served.mapping, options }));
    },
  });
