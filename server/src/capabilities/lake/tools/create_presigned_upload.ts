import { z } from 'zod';
import { newId } from '../../../core/ids.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import { insertUpload } from '../../../core/objects/store.ts';
import { tool } from '../../../core/tool.ts';
import { contentTypeOf } from '../content-type.ts';
import { contentType, datasetId, objectKey } from '../contract.ts';
import { checkUpload } from '../uploads/check-upload.ts';

export interface UploadNeeds {
  readonly objects: ObjectStore;
  readonly ttlS: number;
  readonly maxBytes: number;
}

export const createPresignedUpload = ({ objects, ttlS, maxBytes }: UploadNeeds) =>
  tool({
    name: 'create_presigned_upload',
    title: 'Create an upload URL',
    description:
      'Tutti lake: makes a URL that takes one object of a managed dataset by HTTP PUT, once, with exactly the headers answered. The object is staged until commit_dataset_version; a new URL for the same object_key replaces what is staged, never what is committed.',
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    common: true,
    input: {
      dataset_id: datasetId,
      object_key: objectKey,
      content_type: contentType.optional(),
      size: z.int().min(0).optional().describe('Exact size in bytes, if known; the URL then takes no other.'),
    },
    output: z.looseObject({
      url: z.string().describe('Where to PUT the bytes.'),
      headers: z.record(z.string(), z.string()).optional().describe('Headers to send, word for word.'),
      expires_at: z.string().describe('Until when the URL holds, ISO 8601 UTC.'),
    }),
    async run({ dataset_id, object_key, content_type, size }, { db }) {
      await checkUpload(db, dataset_id, size, maxBytes);
      const target = {
        id: newId('up'),
        contentType: content_type ?? contentTypeOf(object_key),
        size,
        expiresAt: new Date(Date.now() + ttlS * 1000),
      };
      await insertUpload(db, {
        id: target.id,
        holder: dataset_id,
        object_key,
        content_type: target.contentType,
        size: size ?? null,
        expires_at: target.expiresAt,
      });
      return { ...(await objects.presignUpload(target)), expires_at: target.expiresAt.toISOString() };
    },
  });
