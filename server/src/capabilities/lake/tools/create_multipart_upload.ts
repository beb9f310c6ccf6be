import { z } from 'zod';
import { newId } from '../../../core/ids.ts';
import { minPartBytes } from '../../../core/objects/object-store.ts';
import { insertUpload } from '../../../core/objects/store.ts';
import { tool } from '../../../core/tool.ts';
import { contentTypeOf } from '../content-type.ts';
import { contentType, datasetId, objectKey } from '../contract.ts';
import { checkUpload } from '../uploads/check-upload.ts';
import {
  type MultipartNeeds,
  maxPartBytes,
  multipartDays,
  partCount,
  partSchema,
  partSizeOf,
  showParts,
} from '../uploads/multipart.ts';
import { insertMultipart } from '../uploads/store.ts';

const shownParts = 100;

export const createMultipartUpload = (needs: MultipartNeeds) =>
  tool({
    name: 'create_multipart_upload',
    title: 'Begin an upload in parts',
    description: `Tutti lake: begins the upload of one large object of a managed dataset in parts, which may be sent in any order, at once, and again. PUT each part to its URL, then call complete_multipart_upload with the etags. Parts that were sent stay for ${multipartDays} days: list_upload_parts says which arrived, create_presigned_parts gives URLs for the others. For a small object, use create_presigned_upload.`,
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    input: {
      dataset_id: datasetId,
      object_key: objectKey,
      content_type: contentType.optional(),
      size: z
        .int()
        .min(0)
        .optional()
        .describe('Exact size of the whole in bytes, if known; parts then have exact sizes.'),
      part_size: z
        .int()
        .min(minPartBytes)
        .max(maxPartBytes)
        .optional()
        .describe('Bytes of each part but the last; by default 16 MiB, or what the size needs.'),
    },
    output: z.looseObject({
      upload_id: z.string().describe('Id of the upload, for the other calls.'),
      part_size: z.number().describe('Bytes of each part but the last.'),
      part_count: z.number().optional().describe('How many parts there are; absent where the size is not known.'),
      parts: z
        .array(partSchema)
        .describe(`The first parts, at most ${shownParts}; create_presigned_parts has the others.`),
      expires_at: z.string().describe('Until when parts are kept, ISO 8601 UTC. Their URLs hold shorter.'),
    }),
    async run({ dataset_id, object_key, content_type, size, part_size }, { db }) {
      await checkUpload(db, dataset_id, size, needs.maxBytes);
      const partSize = partSizeOf(part_size, size);
      const target = { id: newId('up'), contentType: content_type ?? contentTypeOf(object_key) };
      const expires_at = new Date(Date.now() + multipartDays * 86_400_000);
      const upload = {
        id: target.id,
        dataset_id,
        object_key,
        handle: await needs.objects.beginParts(target),
        part_size: partSize,
        size: size ?? null,
        expires_at,
      };
      await insertUpload(db, {
        id: target.id,
        holder: dataset_id,
        object_key,
        content_type: target.contentType,
        size: size ?? null,
        expires_at,
      });
      await insertMultipart(db, upload);
      const count = Math.min(partCount(upload), shownParts);
      return {
        upload_id: upload.id,
        part_size: partSize,
        ...(size !== undefined && { part_count: partCount(upload) }),
        parts: await showParts(upload, { first: 1, count }, [], needs),
        expires_at: expires_at.toISOString(),
      };
    },
  });
