import { z } from 'zod';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { datasetSchema, labels, tags } from '../contract.ts';
import { listDatasets as findDatasets, toDataset } from '../store.ts';

export const listDatasets = (cursors: Cursors) =>
  tool({
    name: 'list_datasets',
    title: 'List datasets',
    description:
      'Tutti lake: lists datasets, oldest first, by tag, label, state or part of the name. To search the rows inside one, use search_dataset.',
    toolset: 'lake',
    effect: 'read',
    scope: 'lake:read',
    common: true,
    input: {
      filter: z
        .strictObject({
          tags: tags.optional().describe('Has all of these tags.'),
          labels: labels.optional().describe('Has all of these labels.'),
          state: z.string().optional().describe('Is in this state.'),
          text: z.string().min(1).max(200).optional().describe('Has this in its name, in any case.'),
        })
        .optional()
        .describe('Only datasets that meet all of it.'),
      ...pageFields,
    },
    output: z.looseObject({
      items: z.array(datasetSchema).describe('The datasets.'),
      next_page: nextPageField,
    }),
    async run({ filter, page, page_size }, { db }) {
      const after = cursors.decode('list_datasets', filter, page);
      const rows = await findDatasets(db, {
        tags: filter?.tags ?? [],
        labels: filter?.labels ?? {},
        state: filter?.state,
        text: filter?.text,
        after,
        limit: page_size + 1,
      });
      return pageOf(rows, page_size, toDataset, (row) => cursors.encode('list_datasets', filter, row.id));
    },
  });
