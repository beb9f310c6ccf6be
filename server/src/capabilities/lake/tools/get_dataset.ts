import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { datasetId, datasetSchema } from '../contract.ts';
import { type IndexRow, listIndexes } from '../indexes/store.ts';
import { dataset } from '../objects.ts';
import { toDataset } from '../store.ts';

export const getDataset = () =>
  tool({
    name: 'get_dataset',
    title: 'Show a dataset',
    description:
      'Tutti lake: shows one dataset by its id, with its indexes. To find one by name, tag or label, use list_datasets.',
    toolset: 'lake',
    effect: 'read',
    scope: 'lake:read',
    common: true,
    input: { dataset_id: datasetId },
    output: datasetSchema.extend({
      indexes: z
        .array(
          z.looseObject({
            id: z.string().describe('Id of the index.'),
            target: z.string().describe('Where it is, such as lance.'),
            version: z.string().describe('The version that it is of.'),
            state: z
              .string()
              .describe(
                'building, resumable (broke off, the next ingest goes on), served, retired, failed or lost (its target has it no more: reindex).',
              ),
            rows: z.number().optional().describe('Rows in it, once it was complete.'),
            mapping: z.record(z.string(), z.unknown()).describe('What the columns were said to mean.'),
            job_id: z.string().optional().describe('The ingest that builds or built it.'),
            served_at: z.string().optional().describe('Since when it is served, or was last; ISO 8601 UTC.'),
          }),
        )
        .describe('Its indexes, newest first.'),
    }),
    async run({ dataset_id }, { db }) {
      const row = await dataset(db, dataset_id);
      return { ...toDataset(row), indexes: (await listIndexes(db, dataset_id)).map(toIndex) };
    },
  });

function toIndex({ id, target, version, state, row_count, mapping, job_id, served_at }: IndexRow) {
  return {
    id,
    target,
    version,
    state,
    ...(row_count !== null && { rows: row_count }),
    mapping: { ...mapping },
    ...(job_id !== null && { job_id }),
    ...(served_at !== null && { served_at: served_at.toISOString() }),
  };
}
