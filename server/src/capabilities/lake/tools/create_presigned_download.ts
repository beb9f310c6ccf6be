import path from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId, objectKey, versionName } from '../contract.ts';
import { dataset, notPinned, versionOf } from '../objects.ts';
import { findManifestObject } from '../versions/store.ts';

export const createPresignedDownload = (objects: ObjectStore, ttlS: number) =>
  tool({
    name: 'create_presigned_download',
    title: 'Create a download URL',
    description:
      'Tutti lake: makes a URL that gives the bytes of one committed object by HTTP GET, as an attachment, to whoever has it, until it expires. It takes no token. To read rows instead of bytes, use search_dataset.',
    toolset: 'lake',
    effect: 'read',
    scope: 'lake:read',
    input: {
      dataset_id: datasetId,
      object_key: objectKey,
      version: versionName.optional().describe('The version to take it from; by default the current one.'),
      filename: z
        .string()
        .min(1)
        .max(200)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
        .regex(/^[^\u0000-\u001f\u007f/\\]+$/, 'no slash, no backslash, no control character')
        .refine((name) => name !== '.' && name !== '..' && name.isWellFormed(), 'must be the name of a file')
        .optional()
        .describe('Name under which to save it; by default the last part of its key.'),
    },
    output: z.looseObject({
      url: z.string().describe('Where to GET the bytes. Whoever has it can: treat it as a secret.'),
      headers: z.record(z.string(), z.string()).optional().describe('Headers to send, if any.'),
      expires_at: z.string().describe('Until when the URL holds, ISO 8601 UTC.'),
      version: z.string().describe('The version that it is of.'),
      size: z.number().describe('Bytes.'),
      sha256: z.string().describe('SHA-256 of the bytes, hex, to compare.'),
      content_type: z.string().describe('Media type.'),
    }),
    async run({ dataset_id, object_key, version, filename }, { db }) {
      const row = await dataset(db, dataset_id);
      const from = await versionOf(db, row, version);
      const object = await findManifestObject(db, from.manifest_id, object_key);
      if (!object) {
        throw new AppError(
          'NOT_FOUND',
          'This version has no such object.',
          'See its objects with get_version; what is only staged can be downloaded after commit_dataset_version.',
          { object_key, version: from.version },
        );
      }
      const { sha256, size, content_type } = object;
      if (!row.uri.startsWith('tutti://') && !(await objects.head(sha256))) throw notPinned(object_key);
      const expiresAt = new Date(Date.now() + ttlS * 1000);
      const name = filename ?? path.posix.basename(object_key);
      const { url, headers } = await objects.presignDownload({ sha256, name, contentType: content_type, expiresAt });
      const needed = Object.keys(headers).length > 0 ? { headers } : {};
      return { url, ...needed, expires_at: expiresAt.toISOString(), version: from.version, size, sha256, content_type };
    },
  });
