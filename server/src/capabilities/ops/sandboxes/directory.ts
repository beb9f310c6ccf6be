import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { conceal } from '../../../core/redact.ts';
import { noCompose, noDirectory } from './errors.ts';

/** The name of a sandbox, and of its directory. */
export const sandboxName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'small letters, digits, dashes and underscores, 1 to 63, no dash or _ first');

/** The hardened document, as it was made. */
export const composeFile = 'compose.yml';
const envFile = '.env';

/** Where the sandboxes of this machine lie: nobody but this user may look inside. */
export interface SandboxPlace {
  readonly root: string;
}

export function placeIn(dataDir: string): SandboxPlace {
  return { root: path.join(dataDir, 'ops', 'sandboxes') };
}

/** Makes the directory of a sandbox; what a try before left there is removed. Answers its path. */
export async function makeDirectory(
  { root }: SandboxPlace,
  name: string,
  generated: Readonly<Record<string, string>>,
): Promise<string> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  const directory = path.join(await realpath(root), sandboxName.parse(name));
  // A link is removed, not followed.
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { mode: 0o700 });
  await writeInto(
    directory,
    envFile,
    Object.entries(generated)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );
  return directory;
}

/** Writes a file of a sandbox anew; a link in its place is removed, not followed. */
export async function writeInto(directory: string, file: string, text: string): Promise<void> {
  const target = path.join(directory, file);
  await rm(target, { force: true });
  await writeFile(target, text, { mode: 0o600, flag: 'wx' });
}

export async function removeDirectory({ root }: SandboxPlace, name: string): Promise<void> {
  await rm(path.join(root, sandboxName.parse(name)), { recursive: true, force: true });
}

/** What is there of a sandbox. */
export async function lookAt(
  place: SandboxPlace,
  name: string,
): Promise<{ readonly exists: boolean; readonly has_compose: boolean; readonly has_env: boolean }> {
  const directory = await plainDirectory(place, name);
  const isFile = async (file: string) =>
    directory !== undefined && (await lstat(path.join(directory, file)).catch(() => undefined))?.isFile() === true;
  return { exists: directory !== undefined, has_compose: await isFile(composeFile), has_env: await isFile(envFile) };
}

/** Its directory and the text of its document, which must be the one that was made. Throws DIR_NOT_FOUND, NO_COMPOSE. */
export async function openDirectory(
  place: SandboxPlace,
  name: string,
  hash: string | null,
): Promise<{ readonly directory: string; readonly compose: string }> {
  const directory = await plainDirectory(place, name);
  if (directory === undefined) throw noDirectory(name);
  if (!(await lookAt(place, name)).has_compose) throw noCompose(name);
  const compose = await readFile(path.join(directory, composeFile), 'utf8');
  if (hashOf(compose) !== hash) throw noCompose(name);
  return { directory, compose };
}

/** What tells a document from every other one. */
export function hashOf(compose: string): string {
  return createHash('sha256').update(compose).digest('hex');
}

/** The generated values of a sandbox, to be taken out of all that is shown; none when they cannot be read. */
export async function generatedValues(place: SandboxPlace, name: string): Promise<string[]> {
  const directory = await plainDirectory(place, name);
  const text = directory === undefined ? '' : await readFile(path.join(directory, envFile), 'utf8').catch(() => '');
  const values = text.split('\n').flatMap((line) => line.split('=').slice(1));
  for (const value of values) conceal(value);
  return values;
}

/** Undefined unless it is a directory itself, where it is expected, and no link to elsewhere. */
async function plainDirectory({ root }: SandboxPlace, name: string): Promise<string | undefined> {
  const base = await realpath(root).catch(() => undefined);
  if (base === undefined || !sandboxName.safeParse(name).success) return undefined;
  const directory = path.join(base, name);
  const found = await lstat(directory).catch(() => undefined);
  return found?.isDirectory() ? directory : undefined;
}

/**
 * What a backup keeps of the sandboxes of a data directory: their documents and generated values, by their names below it. One that
 * is deleted meanwhile is passed over.
 */
export async function* keptFiles(dataDir: string): AsyncGenerator<{ readonly name: string; readonly bytes: Buffer }> {
  const { root } = placeIn(dataDir);
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  for (const { name } of entries.filter((entry) => entry.isDirectory() && sandboxName.safeParse(entry.name).success)) {
    for (const file of [composeFile, envFile]) {
      const bytes = await readFile(path.join(root, name, file)).catch(() => undefined);
      if (bytes) yield { name: `ops/sandboxes/${name}/${file}`, bytes };
    }
  }
}
