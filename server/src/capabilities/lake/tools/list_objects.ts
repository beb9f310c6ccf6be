import { z } from 'zod';
import { noteArrivals } from '../../../core/objects/arrivals.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import { type Cursors, manyItems, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId } from '../contract.ts';
import { listCurrentObjects, toObject } from '../objects.ts';

export const listObjects = (cursors: Cursors, objects: ObjectStore) =>
  tool({
    name: 'list_objects',
    title: 'List objects',
    description:
      'Tutti lake: lists the objects of a dataset by key: those of its current version and, marked staged, those uploaded since. For one object, use head_object.',
    toolset: 'lake',
    effect: 'read',
    scope: 'lake:read',
    common: true,
    input: {
      dataset_id: datasetId,
      prefix: z.string().max(1024).optional().describe('Only keys that begin with it.'),
      page: pageFields.page,
      page_size: manyItems,
    },
    output: z.looseObject({
      items: z
        .array(
          z.looseObject({
            key: z.string().describe('Name of the object.'),
            size: z.number().describe('Bytes.'),
            etag: z.string().describe('Changes when the bytes do.'),
            last_modified: z.string().describe('ISO 8601 UTC.'),
            metadata: z
              .record(z.string(), z.unknown())
              .optional()
              .describe('sha256, content_type, and whether it is staged.'),
          }),
        )
        .describe('The objects.'),
      next_page: nextPageField,
    }),
    async run({ dataset_id, prefix, page, page_size }, { db }) {
      const bound = { dataset_id, prefix };
      const after = cursors.decode('list_objects', bound, page);
      await noteArrivals(db, objects, dataset_id);
      return pageOf(
        await listCurrentObjects(db, dataset_id, { prefix, after, limit: page_size + 1 }),
        page_size,
        (object) => ({ key: object.key, ...toObject(object) }),
        (object) => cursors.encode('list_objects', bound, object.key),
      );
    },
  });
