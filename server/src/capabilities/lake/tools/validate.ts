import { z } from 'zod';
import type { JobEngine } from '../../../core/jobs/engine.ts';
import { jobSchema } from '../../../core/jobs/job.ts';
import { toJob } from '../../../core/jobs/store.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId } from '../contract.ts';
import { noVersion } from '../errors.ts';
import { builtInRules } from '../jobs/validate.ts';
import { dataset } from '../objects.ts';

export const validate = (jobs: JobEngine) =>
  tool({
    name: 'validate',
    title: 'Validate a dataset',
    description: `Tutti lake: reads the current version of a dataset through and checks rules on it, as a job. Wait for it with job_status; metadata.report has the result of each rule. Rules: ${builtInRules.join(', ')}; an unknown one is reported as skipped.`,
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    common: true,
    input: {
      dataset_id: datasetId,
      validators: z
        .array(z.string().min(1).max(100))
        .min(1)
        .max(100)
        .optional()
        .describe(`Rules to check; by default all of ${builtInRules.join(', ')}.`),
    },
    output: jobSchema,
    async run({ dataset_id, validators }, { db, authority }) {
      const row = await dataset(db, dataset_id);
      if (row.version === null) throw noVersion(dataset_id);
      return toJob(
        await jobs.enqueue(db, {
          kind: 'lake.validate',
          authority,
          datasetId: dataset_id,
          input: { dataset_id, ...(validators && { validators }) },
        }),
      );
    },
  });
