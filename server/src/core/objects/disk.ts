import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, link, mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../errors.ts';
import { syncPath } from '../files.ts';
import type { Keys } from '../keys.ts';
import type { ObjectStore, StagedObject, UploadTarget } from './object-store.ts';

export interface DiskObjects extends ObjectStore {
  /** Checks a presigned upload URL's query; throws when it was changed or has expired. */
  verifyUpload(id: string, query: URLSearchParams): UploadTarget;
  /** Writes a body to a staging key of its own, durably. Throws when its size is not what was signed. */
  receive(target: UploadTarget, body: AsyncIterable<Uint8Array>): Promise<StagedObject>;
}

export interface DiskSettings {
  readonly directory: string;
  readonly keys: Keys;
  readonly maxBytes: number;
  /** The base of presigned URLs; asked late, for the port may be known only after listening. */
  readonly baseUrl: () => string;
}

/** Objects in the file system. Presigned URLs are served by Tutti itself, see surfaces/uploads.ts. */
export function createDiskObjects({ directory, keys, maxBytes, baseUrl }: DiskSettings): DiskObjects {
  const pinned = (sha256: string) => path.join(directory, 'sha256', sha256.slice(0, 2), sha256);
  const staging = (key: string) => path.join(directory, 'staging', key);
  const signedText = (id: string, query: URLSearchParams) =>
    JSON.stringify(['PUT', id, query.get('type'), query.get('size'), query.get('expires')]);

  return {
    presignUpload(target) {
      const query = new URLSearchParams({
        type: target.contentType,
        expires: String(Math.ceil(target.expiresAt.getTime() / 1000)),
      });
      if (target.size !== undefined) query.set('size', String(target.size));
      query.set('signature', keys.sign('presign', signedText(target.id, query)));
      return {
        url: `${baseUrl()}/objects/uploads/${target.id}?${query}`,
        headers: {
          'content-type': target.contentType,
          ...(target.size === undefined ? {} : { 'content-length': String(target.size) }),
        },
      };
    },

    verifyUpload(id, query) {
      if (!keys.verify('presign', signedText(id, query), query.get('signature') ?? '')) {
        throw uploadRefused('The signature of this URL does not hold: it was changed or made by another server.');
      }
      const expiresAt = new Date(Number(query.get('expires')) * 1000);
      if (expiresAt.getTime() <= Date.now()) throw uploadRefused('This URL has expired.');
      const size = query.get('size');
      return { id, contentType: query.get('type') ?? '', size: size === null ? undefined : Number(size), expiresAt };
    },

    async receive(target, body) {
      const stagingKey = `${target.id}-${randomUUID()}`;
      const file = staging(stagingKey);
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      const limit = target.size ?? maxBytes;
      const hash = createHash('sha256');
      let size = 0;
      const measure = new Transform({
        transform(chunk: Uint8Array, _encoding, done) {
          size += chunk.length;
          hash.update(chunk);
          if (size > limit) done(tooLarge(limit));
          else done(null, chunk);
        },
      });
      try {
        await pipeline(body, measure, createWriteStream(file, { mode: 0o600, flush: true }));
        if (target.size !== undefined && size !== target.size) throw wrongSize(target.size, size);
        await syncPath(path.dirname(file));
      } catch (error) {
        await rm(file, { force: true });
        throw error;
      }
      return { stagingKey, size, sha256: hash.digest('hex') };
    },

    async pin({ stagingKey, sha256 }) {
      const file = pinned(sha256);
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      try {
        // A link, not a rename: the staged name stays until its row is gone, so a crash in between loses nothing.
        await link(staging(stagingKey), file);
        await syncPath(path.dirname(file));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
          await access(file); // pinned before, and its staged name cleaned up since
        }
      }
    },

    async localFile(sha256) {
      const file = pinned(sha256);
      await access(file).catch(() => {
        throw new AppError(
          'NOT_FOUND',
          'The bytes of this object are gone.',
          'Upload the object again and commit a new version.',
        );
      });
      return file;
    },

    async listStaged(before) {
      const keys = await readdir(path.join(directory, 'staging')).catch(() => []);
      const times = await Promise.all(keys.map((key) => stat(staging(key)).catch(() => undefined)));
      return keys.filter((_, at) => (times[at]?.mtimeMs ?? Number.POSITIVE_INFINITY) < before.getTime());
    },

    read: async (sha256) => createReadStream(pinned(sha256)),
    discard: (stagingKey) => rm(staging(stagingKey), { force: true }),
  };
}

const askAgain = 'Ask for a new URL with create_presigned_upload and send the bytes there.';

function uploadRefused(message: string): AppError {
  return new AppError('UPLOAD_REFUSED', message, askAgain);
}

function tooLarge(limit: number): AppError {
  return new AppError(
    'UPLOAD_SIZE_MISMATCH',
    `The body is larger than the ${limit} bytes that this URL allows.`,
    askAgain,
  );
}

function wrongSize(expected: number, actual: number): AppError {
  return new AppError(
    'UPLOAD_SIZE_MISMATCH',
    `The body has ${actual} bytes, this URL was made for ${expected}.`,
    askAgain,
  );
}
