import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../core/errors.ts';

/** Where a dataset's objects are: in our store, or in a directory that the operator declared. */
export type Location = { readonly kind: 'managed' } | { readonly kind: 'in_place'; readonly directory: string };

/**
 * The location behind a dataset's URI. Throws URI_NOT_ALLOWED for what is neither `tutti://<name>` nor below a root.
 * Asked again at each use, so that a root taken away and a link put in later count.
 */
export async function locate(uri: string, roots: readonly string[]): Promise<Location> {
  if (/^tutti:\/\/[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(uri)) return { kind: 'managed' };
  const directory = await directoryOf(uri);
  if (directory === undefined) throw notAllowed();
  for (const root of roots) {
    const real = await directoryOf(root);
    if (real !== undefined && isInside(directory, real)) return { kind: 'in_place', directory };
  }
  throw notAllowed();
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
    'Use tutti://<name> for a dataset that you upload, or file:///… of a directory below a root that the operator declared (lake.roots).',
  );
}
