import { z } from 'zod';
import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import { maxParts, minPartBytes, type ObjectStore, type UploadedPart } from '../../../core/objects/object-store.ts';
import { findMultipart, type MultipartRow } from './store.ts';

export interface MultipartNeeds {
  readonly objects: ObjectStore;
  readonly ttlS: number;
  readonly maxBytes: number;
}

/** How long an upload in parts may take. */
export const multipartDays = 7;
const defaultPartBytes = 16 * 2 ** 20;
/** What S3 takes as one part: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const maxPartBytes = 5 * 2 ** 30;

export const uploadId = z.string().min(1).max(100).describe('Id of the upload, from create_multipart_upload.');

export const partSchema = z.looseObject({
  part_number: z.number().describe('Its place in the object, from 1.'),
  size: z.number().optional().describe('Bytes that it must have, or has; absent where any size will do.'),
  arrived: z.boolean().describe('Whether it is there.'),
  etag: z.string().optional().describe('What complete_multipart_upload takes for it, once it is there.'),
  url: z.string().optional().describe('Where to PUT its bytes while it is not there.'),
  headers: z.record(z.string(), z.string()).optional().describe('Headers to send, word for word.'),
});

/** The size of the parts of an object: what was asked for, or one that makes few enough of them. */
export function partSizeOf(asked: number | undefined, size: number | undefined): number {
  const least = size === undefined ? 0 : Math.ceil(size / maxParts);
  const partSize = asked ?? Math.max(defaultPartBytes, Math.ceil(least / minPartBytes) * minPartBytes);
  if (partSize >= least) return partSize;
  throw new AppError(
    'VALIDATION_FAILED',
    `${size} bytes in parts of ${partSize} are more than ${maxParts} parts.`,
    `Choose a part_size of at least ${least}, or leave it out.`,
  );
}

/** How many parts there will be; as many as can be where the size of the whole is not known. */
export function partCount({ size, part_size }: Pick<MultipartRow, 'size' | 'part_size'>): number {
  return size === null ? maxParts : Math.max(1, Math.ceil(size / part_size));
}

/** Exact bytes of a part; undefined where the size of the whole is not known. */
function sizeOfPart({ size, part_size }: Pick<MultipartRow, 'size' | 'part_size'>, number: number): number | undefined {
  return size === null ? undefined : Math.min(part_size, size - (number - 1) * part_size);
}

/** Some parts: those that arrived with their etags, the others with URLs. */
export async function showParts(
  row: Omit<MultipartRow, 'completed'>,
  { first, count }: { readonly first: number; readonly count: number },
  arrived: readonly UploadedPart[],
  { objects, ttlS }: MultipartNeeds,
): Promise<z.output<typeof partSchema>[]> {
  const there = new Map(arrived.map((part) => [part.number, part]));
  const expiresAt = new Date(Math.min(Date.now() + ttlS * 1000, row.expires_at.getTime()));
  const numbers = Array.from({ length: count }, (_, at) => first + at);
  return Promise.all(
    numbers.map(async (number) => {
      const part = there.get(number);
      if (part) return { part_number: number, size: part.size, arrived: true, etag: part.etag };
      const size = sizeOfPart(row, number);
      const asked = await objects.presignPart({ id: row.id, handle: row.handle, number, size, expiresAt });
      return { part_number: number, ...(size !== undefined && { size }), arrived: false, ...asked };
    }),
  );
}

/** The upload, or NOT_FOUND. */
export async function multipart(db: Db, id: string): Promise<MultipartRow> {
  const row = await findMultipart(db, id);
  if (row) return row;
  throw new AppError(
    'NOT_FOUND',
    'There is no such upload: it was aborted, it expired, or it never was.',
    'Begin one with create_multipart_upload.',
    { upload_id: id },
  );
}
