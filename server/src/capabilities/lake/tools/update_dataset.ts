import { AppError } from '../../../core/errors.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId, datasetName, datasetSchema, labels, metadata, tags } from '../contract.ts';
import { noDataset } from '../errors.ts';
import { lockDataset, toDataset, updateDataset as updateRow } from '../store.ts';

export const updateDataset = () =>
  tool({
    name: 'update_dataset',
    title: 'Change what is said of a dataset',
    description:
      'Tutti lake: changes name, tags, labels or metadata of a dataset. Each that is given replaces the whole of what was there; what is left out stays. The uri stays too, whatever the name. Objects change by create_presigned_upload and remove_dataset_object.',
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    input: {
      dataset_id: datasetId,
      name: datasetName.optional().describe('New unique name.'),
      tags: tags.optional(),
      labels: labels.optional(),
      metadata: metadata.optional(),
    },
    output: datasetSchema,
    async run({ dataset_id, name, tags: words, labels: pairs, metadata: about }, { db }) {
      const row = await lockDataset(db, dataset_id);
      if (!row) throw noDataset(dataset_id);
      const change = { name, tags: words && [...new Set(words)], labels: pairs, metadata: about };
      if (Object.values(change).every((value) => value === undefined)) return toDataset(row);
      const changed = await updateRow(db, row, change);
      if (changed) return toDataset(changed);
      throw new AppError('ALREADY_EXISTS', 'Another dataset has this name.', 'Choose another name.', { name });
    },
  });
