import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { largerThanAllowed, wrongSize } from './failures.ts';
import { createMeasure } from './hash.ts';
import type { StagedObject, StageSource } from './object-store.ts';
import { askS3 } from './s3-client.ts';
import { unquoted } from './s3-parts.ts';

/** What S3 takes in one request: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
const maxPutBytes = 5 * 2 ** 30;

/** Sends bytes of our own to a staging key, hashing them on the way. */
export async function stageInS3(
  client: S3Client,
  to: { readonly bucket: string; readonly keyOf: (stagingKey: string) => string; readonly maxBytes: number },
  id: string,
  source: StageSource,
): Promise<StagedObject> {
  const stagingKey = `${path.posix.basename(id)}-${randomUUID()}`;
  const limit = Math.min(to.maxBytes, maxPutBytes);
  const { body, size } = 'path' in source ? await opened(source.path) : source;
  if (size > limit) {
    body.destroy();
    throw largerThanAllowed(size, limit);
  }
  const measure = createMeasure(size, () => wrongSize(size, size + 1));
  body.on('error', (error) => measure.stream.destroy(error));
  const { ETag } = await askS3(() =>
    client.send(
      new PutObjectCommand({
        Bucket: to.bucket,
        Key: to.keyOf(stagingKey),
        Body: body.pipe(measure.stream),
        ContentLength: size,
      }),
    ),
  ).finally(() => body.destroy());
  const done = measure.result();
  if (done.size !== size) throw wrongSize(size, done.size);
  return { stagingKey, ...done, etag: unquoted(ETag) };
}

async function opened(file: string): Promise<{ body: Readable; size: number }> {
  const { size } = await stat(file);
  // To its end at the time of the look: one that grows meanwhile is cut there.
  return { body: createReadStream(file, { end: Math.max(size - 1, 0) }), size };
}
