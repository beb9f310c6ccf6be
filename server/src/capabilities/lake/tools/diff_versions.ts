import { z } from 'zod';
import { type Cursors, manyItems, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId, versionName } from '../contract.ts';
import { type Difference, listDifferences, totalDifference } from '../diffs/store.ts';
import { dataset, versionOf } from '../objects.ts';

const side = z.looseObject({
  size: z.number().describe('Bytes.'),
  sha256: z.string().describe('SHA-256 of the bytes, hex.'),
});

export const diffVersions = (cursors: Cursors) =>
  tool({
    name: 'diff_versions',
    title: 'Compare two versions',
    description:
      'Tutti lake: says which objects were added, removed or changed between two versions of a dataset, by key and hash, and how much that is in all. It compares objects, not the rows in them.',
    toolset: 'lake',
    effect: 'read',
    scope: 'lake:read',
    input: {
      dataset_id: datasetId,
      from: versionName.describe('The version to start from, usually the older one.'),
      to: versionName.optional().describe('The version to come to; by default the current one.'),
      page: pageFields.page,
      page_size: manyItems,
    },
    output: z.looseObject({
      from: z.string().describe('The version started from.'),
      to: z.string().describe('The version come to.'),
      totals: z
        .looseObject({
          added: z.number().describe('Objects only in the second.'),
          removed: z.number().describe('Objects only in the first.'),
          changed: z.number().describe('Objects of the same key with other bytes.'),
          unchanged: z.number().describe('Objects with the same bytes.'),
          added_bytes: z.number().describe('Bytes of added objects, and of changed ones as they are now.'),
          removed_bytes: z.number().describe('Bytes of removed objects, and of changed ones as they were.'),
        })
        .optional()
        .describe('How much differs in all; on the first page only.'),
      items: z
        .array(
          z.looseObject({
            key: z.string().describe('Name of the object.'),
            change: z.string().describe('added, removed or changed.'),
            before: side.optional().describe('The object as it was; absent for an added one.'),
            after: side.optional().describe('The object as it is; absent for a removed one.'),
          }),
        )
        .describe('The differences by key.'),
      next_page: nextPageField,
    }),
    async run({ dataset_id, from, to, page, page_size }, { db }) {
      const row = await dataset(db, dataset_id);
      const [old, now] = [await versionOf(db, row, from), await versionOf(db, row, to)];
      // To the versions as they are: without `to` another one may be current at the next page.
      const bound = { dataset_id, from: old.manifest_id, to: now.manifest_id };
      const after = cursors.decode('diff_versions', bound, page);
      const pair = { from: old.manifest_id, to: now.manifest_id };
      // Both at once: each reads both manifests.
      const [listed, totals] = await Promise.all([
        listDifferences(db, { ...pair, after, limit: page_size + 1 }),
        page === undefined ? totalDifference(db, pair.from, pair.to) : undefined,
      ]);
      return {
        from: old.version,
        to: now.version,
        ...(totals && { totals: { ...totals } }),
        ...pageOf(listed, page_size, toItem, (difference) => cursors.encode('diff_versions', bound, difference.key)),
      };
    },
  });

function toItem({ key, change, old_size, old_sha256, new_size, new_sha256 }: Difference) {
  return {
    key,
    change,
    ...(old_size !== null && old_sha256 !== null && { before: { size: old_size, sha256: old_sha256 } }),
    ...(new_size !== null && new_sha256 !== null && { after: { size: new_size, sha256: new_sha256 } }),
  };
}
