import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';

/** Lets bytes through, counts and hashes them on the way, and fails with `tooMany` once they are more than `limit`. */
export function createMeasure(limit: number, tooMany: (limit: number) => Error) {
  const hash = createHash('sha256');
  let size = 0;
  const stream = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      size += chunk.length;
      if (size > limit) {
        done(tooMany(limit));
        return;
      }
      hash.update(chunk);
      done(null, chunk);
    },
  });
  /** Once the stream has ended. */
  const result = () => ({ size, sha256: hash.digest('hex') });
  return { stream, result };
}

/** Reads to the end, holding one chunk at a time. */
export async function hashOf(bytes: AsyncIterable<Uint8Array>): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    hash.update(chunk);
  }
  return { size, sha256: hash.digest('hex') };
}
