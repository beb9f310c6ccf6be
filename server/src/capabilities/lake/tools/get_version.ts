import { z } from 'zod';
import { type Cursors, manyItems, nextPageField, pageFields } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId, versionName } from '../contract.ts';
import { versionIndexes } from '../lineage/store.ts';
import { dataset, versionOf } from '../objects.ts';
import { pageOfObjects, pinnedObjectSchema } from '../versions/pinned-objects.ts';
import { toVersion, versionSchema } from '../versions/show.ts';
import { findManifest } from '../versions/store.ts';

export const getVersion = (cursors: Cursors) =>
  tool({
    name: 'get_version',
    title: 'Show a version',
    description:
      'Tutti lake: shows one version of a dataset: its manifest in numbers, its parent, the indexes built of it, and its objects page by page, as they were pinned. For the objects of the current version with what is staged, use list_objects.',
    toolset: 'lake',
    effect: 'read',
    scope: 'lake:read',
    input: {
      dataset_id: datasetId,
      version: versionName.optional().describe('Name of the version; by default the current one.'),
      prefix: z.string().max(1024).optional().describe('Only objects whose keys begin with it.'),
      page: pageFields.page,
      page_size: manyItems,
    },
    output: versionSchema.extend({
      indexes: z
        .array(
          z.looseObject({
            id: z.string().describe('Id of the index.'),
            target: z.string().describe('Where it is.'),
            state: z.string().describe('building, served, retired or failed; more may come.'),
          }),
        )
        .describe('Indexes built of it.'),
      items: z.array(pinnedObjectSchema).describe('Its objects by key.'),
      next_page: nextPageField,
    }),
    async run({ dataset_id, version, prefix, page, page_size }, { db }) {
      const bound = { dataset_id, version, prefix };
      const after = cursors.decode('get_version', bound, page);
      const row = await dataset(db, dataset_id);
      const found = await versionOf(db, row, version);
      const manifest = await findManifest(db, found.manifest_id);
      return {
        ...toVersion(found, manifest?.object_count ?? 0, row.version),
        indexes: (await versionIndexes(db, dataset_id, [found.version])).map(({ id, target, state }) => ({
          id,
          target,
          state,
        })),
        ...(await pageOfObjects(db, found.manifest_id, { prefix, after, size: page_size }, (key) =>
          cursors.encode('get_version', bound, key),
        )),
      };
    },
  });
