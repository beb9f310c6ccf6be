import { tool } from '../../../core/tool.ts';
import { datasetId, datasetSchema } from '../contract.ts';
import { dataset } from '../objects.ts';
import { toDataset } from '../store.ts';

export const getDataset = () =>
  tool({
    name: 'get_dataset',
    title: 'Show a dataset',
    description: 'Tutti lake: shows one dataset by its id. To find one by name, tag or label, use list_datasets.',
    toolset: 'lake',
    effect: 'read',
    scope: 'lake:read',
    common: true,
    input: { dataset_id: datasetId },
    output: datasetSchema,
    run: async ({ dataset_id }, { db }) => toDataset(await dataset(db, dataset_id)),
  });
