import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, chmod, constants, copyFile, link, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { syncPath } from '../files.ts';
import type { Keys } from '../keys.ts';
import { createDiskParts, type DiskParts } from './disk-parts.ts';
import { createDiskUrls, type DiskUrls } from './disk-urls.ts';
import { bytesGone, largerThanAllowed, stagedGone, tooLarge, wrongSize } from './failures.ts';
import { createMeasure, hashOf } from './hash.ts';
import type { ByteRange, ObjectStore, PinnedObject, StagedObject, StageSource, UploadTarget } from './object-store.ts';

export interface DiskObjects extends ObjectStore {
  readonly kind: 'disk';
  readonly urls: DiskUrls;
  /** Writes a body to a staging key of its own, durably. Throws when its size is not what was signed. */
  receive(target: UploadTarget, body: AsyncIterable<Uint8Array>): Promise<StagedObject>;
  readonly receivePart: DiskParts['receive'];
}

export interface DiskSettings {
  readonly directory: string;
  readonly keys: Keys;
  readonly maxBytes: number;
  /** The base of presigned URLs. */
  readonly baseUrl: () => string;
}

/** Objects in the file system. Presigned URLs are served by Tutti itself, see surfaces/uploads.ts and downloads.ts. */
export function createDiskObjects({ directory, keys, maxBytes, baseUrl }: DiskSettings): DiskObjects {
  const urls = createDiskUrls(keys, baseUrl);
  const pinned = (sha256: string) => path.join(directory, 'sha256', sha256.slice(0, 2), hex(sha256));
  // A key is a name, never a path.
  const staging = (key: string) => path.join(directory, 'staging', path.basename(key));

  async function stage(
    id: string,
    body: AsyncIterable<Uint8Array>,
    limit: number,
    size?: number,
  ): Promise<StagedObject> {
    const stagingKey = `${path.basename(id)}-${randomUUID()}`;
    const file = staging(stagingKey);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const measure = createMeasure(limit, tooLarge);
    try {
      await pipeline(body, measure.stream, createWriteStream(file, { mode: 0o600, flush: true }));
      const done = measure.result();
      if (size !== undefined && done.size !== size) throw wrongSize(size, done.size);
      await syncPath(path.dirname(file));
      return { stagingKey, ...done, etag: done.sha256 };
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
  }

  async function stageFile(id: string, source: string): Promise<StagedObject> {
    const stagingKey = `${path.basename(id)}-${randomUUID()}`;
    const file = staging(stagingKey);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    try {
      // Shares the blocks where the file system can. What counts is the copy, for the source may change: that is hashed.
      await copyFile(source, file, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
      await chmod(file, 0o600);
      const done = await hashOf(createReadStream(file));
      if (done.size > maxBytes) throw largerThanAllowed(done.size, maxBytes);
      await syncPath(file);
      await syncPath(path.dirname(file));
      return { stagingKey, ...done, etag: done.sha256 };
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
  }

  async function stageStream(id: string, { body, size }: { body: Readable; size: number }): Promise<StagedObject> {
    if (size <= maxBytes) return stage(id, body, size, size);
    body.destroy();
    throw largerThanAllowed(size, maxBytes);
  }

  async function head(sha256: string): Promise<PinnedObject | undefined> {
    const found = await stat(pinned(sha256)).catch(unlessMissing);
    return found && { sha256, size: found.size, lastModified: found.mtime };
  }

  const parts = createDiskParts(path.join(directory, 'parts'), maxBytes, (id, body) => stage(id, body, maxBytes));
  return {
    kind: 'disk',
    urls,
    presignUpload: async (target) => urls.upload(target),
    presignPart: async (part) => urls.part(part),
    presignDownload: async (target) => urls.download(target),
    arrived: async () => undefined,
    receive: (target, body) => stage(target.id, body, target.size ?? maxBytes, target.size),

    receivePart: parts.receive,
    beginParts: parts.begin,
    listParts: parts.list,
    completeParts: parts.complete,
    abortParts: parts.abort,
    abortStaleParts: parts.abortStale,

    stage: (id, source: StageSource) => ('path' in source ? stageFile(id, source.path) : stageStream(id, source)),
    async identify(stagingKey) {
      try {
        const { size, sha256 } = await hashOf(createReadStream(staging(stagingKey)));
        return { stagingKey, size, sha256, etag: sha256 };
      } catch (error) {
        throw isMissing(error) ? stagedGone() : error;
      }
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
          // Pinned before, and its staged name cleaned up since; or else nowhere.
          await access(file).catch(() => {
            throw isMissing(error) ? stagedGone() : error;
          });
        }
      }
    },

    async listStaged(before) {
      const names = await readdir(path.join(directory, 'staging')).catch(() => []);
      const times = await Promise.all(names.map((key) => stat(staging(key)).catch(() => undefined)));
      return names.filter((_, at) => (times[at]?.mtimeMs ?? Number.POSITIVE_INFINITY) < before.getTime());
    },
    discard: (stagingKey) => rm(staging(stagingKey), { force: true }),

    head,
    async read(sha256, range?: ByteRange) {
      // Opened here, so that bytes that are gone fail now and not in the reader's pipe.
      const handle = await open(pinned(sha256)).catch((error: unknown) => {
        throw isMissing(error) ? bytesGone() : error;
      });
      return handle.createReadStream(range ? { start: range.start, end: range.end } : {});
    },
    async localFile(sha256) {
      if (!(await head(sha256))) throw bytesGone();
      return { path: pinned(sha256), release: () => undefined };
    },
    async list({ after = '', limit }) {
      const root = path.join(directory, 'sha256');
      const items: PinnedObject[] = [];
      for (const shelf of (await readdir(root).catch(() => [])).sort()) {
        if (shelf < after.slice(0, 2)) continue;
        for (const sha256 of (await readdir(path.join(root, shelf))).sort()) {
          if (sha256 <= after) continue;
          if (items.length === limit) return { items, next: items.at(-1)?.sha256 };
          const found = await head(sha256);
          if (found) items.push(found);
        }
      }
      return { items, next: undefined };
    },
    remove: (sha256) => rm(pinned(sha256), { force: true }),
  };
}

/** A hash becomes a path: nothing else may. */
function hex(sha256: string): string {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw bytesGone();
  return sha256;
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
