import { constants } from 'node:fs';
import { type FileHandle, lstat, open, opendir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../core/errors.ts';
import type { ObjectStore, StagedObject } from '../../core/objects/object-store.ts';
import { contentTypeOf } from './content-type.ts';
import { isObjectKey } from './contract.ts';
import { isInside } from './location.ts';

export interface PlaceFile {
  readonly key: string;
  readonly size: number;
  readonly content_type: string;
}

/** A place of somebody else's that a commit copies from. */
export interface Place {
  /** All files of it, in no order. */
  files(): AsyncGenerator<PlaceFile>;
  /** Stages a file as it is at one moment. Throws OBJECT_CHANGED when there is no such moment. */
  copy(key: string, objects: ObjectStore): Promise<{ readonly staged: StagedObject; readonly last_modified: string }>;
}

const tries = 3;
/** A path by which a file that was opened and looked at can be copied, so that nobody can put another in its place. */
const openedPath = (handle: FileHandle) => (process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : undefined);

/** Every regular file below a directory. Links are not followed. */
export function directoryPlace(directory: string): Place {
  async function* below(at: string): AsyncGenerator<PlaceFile> {
    for await (const entry of await opendir(at)) {
      const file = path.join(at, entry.name);
      if (entry.isDirectory()) yield* below(file);
      if (!entry.isFile()) continue;
      const key = path.relative(directory, file).split(path.sep).join('/');
      const size = isObjectKey(key) ? await sizeOf(file) : undefined;
      if (size !== undefined) yield { key, size, content_type: contentTypeOf(key) };
    }
  }

  return {
    files: () => below(directory),
    async copy(key, objects) {
      for (let attempt = 1; attempt <= tries; attempt += 1) {
        const copied = await copyOnce(path.join(directory, key), directory, objects);
        if (copied === 'gone') throw changed(key, 'It is no file of this place any more.');
        if (copied !== 'changed') return copied;
      }
      throw changed(key, 'It changes faster than it can be copied.');
    },
  };
}

async function copyOnce(file: string, directory: string, objects: ObjectStore) {
  // Without a wait: a pipe may have taken the name.
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => 'gone');
  if (typeof handle === 'string') return 'gone';
  try {
    const before = await handle.stat({ bigint: true });
    const opened = openedPath(handle);
    // A directory above it may have become a link since.
    const real = await realpath(opened ?? file).catch(() => undefined);
    if (!before.isFile() || real === undefined || !isInside(real, directory)) return 'gone';
    const staged = await objects.stage('place', { path: opened ?? real });
    const after = await handle.stat({ bigint: true });
    const still = before.mtimeNs === after.mtimeNs && before.size === after.size && BigInt(staged.size) === before.size;
    if (still) return { staged, last_modified: before.mtime.toISOString() };
    await objects.discard(staged.stagingKey);
    return 'changed';
  } finally {
    await handle.close();
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  return (await lstat(file).catch(() => undefined))?.size; // undefined: it has just gone
}

export function changed(key: string, what: string): AppError {
  return new AppError(
    'OBJECT_CHANGED',
    `The object ${key} changed while it was being committed. ${what}`,
    'Let whoever writes it end, then call commit_dataset_version again.',
    { object_key: key },
  );
}
