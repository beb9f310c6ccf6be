import { z } from 'zod';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId } from '../contract.ts';
import { dataset } from '../objects.ts';
import { parsePosition, positionOf, toVersion, versionSchema } from '../versions/show.ts';
import { listVersions as findVersions } from '../versions/store.ts';

export const listVersions = (cursors: Cursors) =>
  tool({
    name: 'list_versions',
    title: 'List versions',
    description:
      'Tutti lake: lists the versions of a dataset, newest first. For the objects of one, use get_version; for what changed between two, diff_versions.',
    toolset: 'lake',
    effect: 'read',
    scope: 'lake:read',
    input: { dataset_id: datasetId, ...pageFields },
    output: z.looseObject({
      items: z.array(versionSchema).describe('The versions.'),
      next_page: nextPageField,
    }),
    async run({ dataset_id, page, page_size }, { db }) {
      const before = parsePosition(cursors.decode('list_versions', dataset_id, page));
      const { version: current } = await dataset(db, dataset_id);
      return pageOf(
        await findVersions(db, dataset_id, { before, limit: page_size + 1 }),
        page_size,
        (row) => toVersion(row, row.object_count, current),
        (row) => cursors.encode('list_versions', dataset_id, positionOf(row)),
      );
    },
  });
