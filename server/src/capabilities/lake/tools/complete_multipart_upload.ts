import { z } from 'zod';
import { lockInTransaction } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import { type ArrivedObject, maxParts, type ObjectStore } from '../../../core/objects/object-store.ts';
import { markReceived } from '../../../core/objects/store.ts';
import { tool } from '../../../core/tool.ts';
import { multipart, uploadId } from '../uploads/multipart.ts';
import { type Completed, type MultipartRow, markCompleted } from '../uploads/store.ts';

type Wanted = { readonly number: number; readonly etag: string };

export const completeMultipartUpload = (objects: ObjectStore) =>
  tool({
    name: 'complete_multipart_upload',
    title: 'Complete an upload in parts',
    description:
      'Tutti lake: puts the parts of an upload of create_multipart_upload together, in the order of their numbers. The object is staged then, like one of create_presigned_upload. Repeating it answers the same. Next: commit_dataset_version.',
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    input: {
      upload_id: uploadId,
      parts: z
        .array(
          z.strictObject({
            part_number: z.int().min(1).max(maxParts).describe('Its number.'),
            etag: z
              .string()
              .min(1)
              .max(200)
              .describe('What the PUT answered in the header etag, with or without quotes.'),
          }),
        )
        .min(1)
        .max(maxParts)
        .describe('All parts of the object, by number.'),
    },
    output: z.looseObject({
      object_key: z.string().describe('The object.'),
      size: z.number().describe('Bytes.'),
      etag: z.string().describe('Changes when the bytes do.'),
      sha256: z.string().optional().describe('SHA-256 of the bytes, hex, where it is known already.'),
    }),
    async run({ upload_id, parts }, { db }) {
      await lockInTransaction(db, 'lake.multipart', upload_id);
      const row = await multipart(db, upload_id);
      if (row.completed) return show(row, row.completed);
      const wanted = parts.map(({ part_number, etag }) => ({ number: part_number, etag: etag.replaceAll('"', '') }));
      const { stagingKey, size, etag, receivedAt, sha256 } = await putTogether(row, wanted, objects);
      const known = sha256 === undefined ? {} : { sha256 };
      const received = { staging_key: stagingKey, size, etag, received_at: receivedAt, ...known };
      // Where bytes go past us, a list of objects may have noticed it before.
      await markReceived(db, row.id, received);
      await markCompleted(db, row.id, { size, etag, ...known });
      return show(row, { size, etag, ...known });
    },
  });

async function putTogether(row: MultipartRow, wanted: readonly Wanted[], objects: ObjectStore): Promise<ArrivedObject> {
  try {
    if (row.size !== null) checkSize(row.size, wanted, await objects.listParts(row.id, row.handle));
    return await objects.completeParts(row.id, row.handle, wanted);
  } catch (error) {
    // Completed before, in a call that broke off: there it is then, where the store keeps it under the upload's id.
    const gone = error instanceof AppError && error.code === 'UPLOAD_REFUSED';
    const there = gone ? await objects.arrived(row.id) : undefined;
    if (there) return there;
    throw error;
  }
}

function checkSize(
  size: number,
  wanted: readonly Wanted[],
  arrived: readonly { number: number; size: number }[],
): void {
  const sizes = new Map(arrived.map((part) => [part.number, part.size]));
  const total = wanted.reduce((sum, part) => sum + (sizes.get(part.number) ?? 0), 0);
  if (total === size || wanted.some((part) => !sizes.has(part.number))) return;
  throw new AppError(
    'UPLOAD_SIZE_MISMATCH',
    `The parts have ${total} bytes together, the upload was begun for ${size}.`,
    'See list_upload_parts for what is missing, and name all parts.',
  );
}

function show(row: MultipartRow, { size, etag, sha256 }: Completed) {
  return { object_key: row.object_key, size, etag: `"${etag}"`, ...(sha256 !== undefined && { sha256 }) };
}
