import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../core/errors.ts';
import { isObjectKey } from './contract.ts';

/** Where a dataset's objects are: in our store, or in a directory or below a prefix that the operator declared. */
export type Location =
  | { readonly kind: 'managed' }
  | { readonly kind: 'in_place'; readonly directory: string }
  | { readonly kind: 'in_bucket'; readonly bucket: string; readonly prefix: string };

/**
 * The location behind a dataset's URI. Throws URI_NOT_ALLOWED for what is neither `tutti://<name>` nor below a root.
 * Asked again at each use, so that a root taken away and a link put in later count.
 */
export async function locate(uri: string, roots: readonly string[]): Promise<Location> {
  if (/^tutti:\/\/[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(uri)) return { kind: 'managed' };
  if (uri.startsWith('s3://')) return inBucket(uri, roots);
  const directory = await directoryOf(uri);
  if (directory === undefined) throw notAllowed();
  for (const root of roots) {
    const real = await directoryOf(root);
    if (real !== undefined && isInside(directory, real)) return { kind: 'in_place', directory };
  }
  throw notAllowed();
}

function inBucket(uri: string, roots: readonly string[]): Location {
  const wanted = bucketOf(uri);
  const allowed = roots.some((text) => {
    const root = bucketOf(text);
    return root && wanted?.bucket === root.bucket && wanted.prefix.startsWith(root.prefix);
  });
  if (!wanted || !allowed) throw notAllowed();
  return { kind: 'in_bucket', ...wanted };
}

/** `s3://<bucket>/<prefix>`, word for word: S3 unescapes nothing. The prefix is empty or ends with a slash. */
function bucketOf(uri: string): { bucket: string; prefix: string } | undefined {
  const [, bucket, rest = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.*)$/su.exec(uri) ?? [];
  if (bucket === undefined) return undefined;
  const folder = rest.replace(/\/$/, '');
  if (folder === '') return rest === '' ? { bucket, prefix: '' } : undefined;
  return isObjectKey(folder) ? { bucket, prefix: `${folder}/` } : undefined;
}

/** Whether a real path is a directory or below it; `/data/a` does not hold `/data/ab`. */
export function isInside(file: string, directory: string): boolean {
  return file === directory || file.startsWith(directory.endsWith(path.sep) ? directory : directory + path.sep);
}

async function directoryOf(uri: string): Promise<string | undefined> {
  try {
    const url = new URL(uri);
    if (url.protocol !== 'file:' || url.search || url.hash) return undefined;
    const real = await realpath(fileURLToPath(url));
    return (await stat(real)).isDirectory() ? real : undefined;
  } catch {
    return undefined; // no such directory, or no URL: the same to the caller, who must not learn which
  }
}

function notAllowed(): AppError {
  return new AppError(
    'URI_NOT_ALLOWED',
    'This uri is not allowed.',
    'Use tutti://<name> for a dataset that you upload, or file:///… or s3://…/ below a root that the operator declared (lake.roots).',
  );
}
