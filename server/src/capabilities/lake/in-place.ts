import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../core/errors.ts';
import { contentTypeOf } from './content-type.ts';
import { isObjectKey, type ManifestObject } from './contract.ts';
import { isInside } from './location.ts';

const maxObjects = 10_000;

/** The manifest of a directory that is read in place: every regular file below it, with its hash. Links are not followed. */
export async function scanDirectory(directory: string): Promise<ManifestObject[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  if (files.length > maxObjects) {
    throw new AppError(
      'VALIDATION_FAILED',
      `The directory holds more than ${maxObjects} files.`,
      'Register its parts as datasets of their own.',
    );
  }
  const objects: ManifestObject[] = [];
  for (const entry of files) {
    const file = path.join(entry.parentPath, entry.name);
    const key = path.relative(directory, file).split(path.sep).join('/');
    if (!isObjectKey(key)) continue;
    const { size, mtime } = await stat(file);
    objects.push({
      key,
      size,
      sha256: await hashFile(file),
      content_type: contentTypeOf(key),
      last_modified: mtime.toISOString(),
    });
  }
  return objects;
}

/** The file of a manifest's object, if its bytes are still the ones that the version pinned. */
export async function pinnedFile(directory: string, object: ManifestObject): Promise<string> {
  const file = await realpath(path.join(directory, object.key)).catch(() => undefined);
  if (file && isInside(file, directory)) {
    const { size, mtime } = await stat(file);
    const untouched = size === object.size && mtime.toISOString() === object.last_modified;
    if (untouched || (size === object.size && (await hashFile(file)) === object.sha256)) return file;
  }
  throw new AppError(
    'OBJECT_CHANGED',
    `The object ${object.key} is not what its version pinned: somebody changed it in place.`,
    'Commit a new version with commit_dataset_version, then start again.',
    { object_key: object.key },
  );
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
