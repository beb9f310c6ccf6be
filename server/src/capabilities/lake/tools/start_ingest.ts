import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import type { JobEngine } from '../../../core/jobs/engine.ts';
import { jobSchema } from '../../../core/jobs/job.ts';
import { toJob } from '../../../core/jobs/store.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId } from '../contract.ts';
import { noVersion, unknownVersion } from '../errors.ts';
import { dataset } from '../objects.ts';
import { findVersion } from '../versions/store.ts';

const targets = ['lance'];

export const startIngest = (jobs: JobEngine) =>
  tool({
    name: 'start_ingest',
    title: 'Ingest a dataset',
    description:
      'Tutti lake: builds a search index of a dataset version, as a job, beside the index that is served; it takes over when it is complete. Wait for it with job_status, then call search_dataset. Rows that cannot be read are counted in counters.errors and shown in metadata.rejects.',
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    common: true,
    input: {
      dataset_id: datasetId,
      target: z.string().describe(`Where to: ${targets.join(', ')} (see list_capabilities).`),
      mapping: z
        .strictObject({
          id: z
            .string()
            .min(1)
            .optional()
            .describe('Column that identifies a row; a later row of the same id replaces the earlier.'),
          text: z
            .array(z.string().min(1))
            .min(1)
            .max(100)
            .optional()
            .describe('Columns to search; by default all text columns.'),
        })
        .optional()
        .describe('What the columns mean.'),
      options: z
        .strictObject({ version: z.string().optional().describe('Version to ingest; by default the current one.') })
        .optional()
        .describe('How to ingest.'),
    },
    output: jobSchema,
    async run({ dataset_id, target, mapping, options }, { db, authority }) {
      if (!targets.includes(target)) {
        throw new AppError(
          'TARGET_NOT_AVAILABLE',
          'There is no such target on this server.',
          `Use one of: ${targets.join(', ')}; list_capabilities says which work now.`,
        );
      }
      const row = await dataset(db, dataset_id);
      const version = options?.version ?? row.version;
      if (version === null) throw noVersion(dataset_id);
      if (!(await findVersion(db, dataset_id, version))) throw unknownVersion(version);
      return toJob(
        await jobs.enqueue(db, {
          kind: 'lake.ingest',
          authority,
          datasetId: dataset_id,
          input: { dataset_id, target, version, mapping: mapping ?? {} },
        }),
      );
    },
  });
