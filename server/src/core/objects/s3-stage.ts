import { createHash, type Hash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { largerThanAllowed, wrongSize } from './failures.ts';
import type { StagedObject, StageSource } from './object-store.ts';
import { s3Failure } from './s3-client.ts';
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
  const hash = createHash('sha256');
  const stopped = new AbortController();
  const sent = Readable.from(exactly(body, size, hash), { objectMode: false });
  // The SDK waits for the rest of a body that broke off.
  sent.on('error', (error) => stopped.abort(error));
  const command = new PutObjectCommand({
    Bucket: to.bucket,
    Key: to.keyOf(stagingKey),
    Body: sent,
    ContentLength: size,
  });
  try {
    const { ETag } = await client.send(command, { abortSignal: stopped.signal });
    return { stagingKey, size, sha256: hash.digest('hex'), etag: unquoted(ETag) };
  } catch (error) {
    throw stopped.signal.aborted ? stopped.signal.reason : s3Failure(error);
  } finally {
    body.destroy();
  }
}

/** The bytes of a source, hashed on the way. Throws when they are more or fewer than were announced. */
async function* exactly(body: Readable, size: number, hash: Hash): AsyncGenerator<Buffer> {
  let seen = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    seen += chunk.length;
    if (seen > size) throw wrongSize(size, seen);
    hash.update(chunk);
    yield chunk;
  }
  if (seen < size) throw wrongSize(size, seen);
}

async function opened(file: string): Promise<{ body: Readable; size: number }> {
  const { size } = await stat(file);
  // To its end at the time of the look: one that grows meanwhile is cut there.
  return { body: size === 0 ? Readable.from([]) : createReadStream(file, { end: size - 1 }), size };
}
