import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { noteArrivals } from '../../../core/objects/arrivals.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId, objectKey } from '../contract.ts';
import { findCurrentObject, toObject } from '../objects.ts';

export const headObject = (objects: ObjectStore) =>
  tool({
    name: 'head_object',
    title: 'Show an object',
    description:
      'Tutti lake: shows size, hash and date of one object, staged or committed. For all of them, use list_objects.',
    toolset: 'lake',
    effect: 'read',
    scope: 'lake:read',
    common: true,
    input: { dataset_id: datasetId, object_key: objectKey },
    output: z.looseObject({
      size: z.number().describe('Bytes.'),
      etag: z.string().describe('Changes when the bytes do.'),
      sha256: z
        .string()
        .optional()
        .describe('SHA-256 of the bytes, hex. On S3 it is known once the object is committed.'),
      last_modified: z.string().describe('ISO 8601 UTC.'),
      metadata: z.record(z.string(), z.unknown()).optional().describe('content_type, and whether it is staged.'),
    }),
    async run({ dataset_id, object_key }, { db }) {
      await noteArrivals(db, objects, dataset_id);
      const object = await findCurrentObject(db, dataset_id, object_key);
      if (object) return { ...toObject(object), ...(object.sha256 !== null && { sha256: object.sha256 }) };
      throw new AppError('NOT_FOUND', 'This dataset has no such object.', 'See its objects with list_objects.', {
        object_key,
      });
    },
  });
