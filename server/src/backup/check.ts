import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { AppError } from '../core/errors.ts';
import { formatVersion, type Manifest, manifestHashName, manifestName, manifestSchema } from './manifest.ts';
import { type Entry, readEntry, readTar } from './tar.ts';

/** A backup file of which every byte was found to be what was written. */
export interface CheckedBackup {
  readonly file: string;
  readonly manifest: Manifest;
  read(part: string): AsyncIterable<Uint8Array>;
}

/** Reads the whole of a backup file and compares it with its own hashes. Throws when anything differs or is missing. */
export async function checkBackup(file: string): Promise<CheckedBackup> {
  const entries = await entriesOf(file);
  const find = (name: string) => entries.get(name) ?? fail(`its part ${name} is missing`);
  const read = (name: string) => readEntry(file, find(name));
  const text = await buffer(read(manifestName));
  const written = (await buffer(read(manifestHashName))).toString().trim();
  if (hashOf(text) !== written) fail('its manifest was changed');
  const manifest = parse(text.toString());
  for (const part of manifest.parts) {
    const hash = createHash('sha256');
    for await (const chunk of read(part.name)) hash.update(chunk as Buffer);
    const sha256 = hash.digest('hex');
    if (find(part.name).size !== part.size || sha256 !== part.sha256) fail(`its part ${part.name} was changed`);
    const content = /^objects\/sha256\/..\/([0-9a-f]{64})$/.exec(part.name)?.[1];
    if (content !== undefined && content !== sha256) fail(`the object ${content} was damaged before it was saved`);
  }
  const known = new Set(manifest.parts.map((part) => part.name));
  for (const table of manifest.tables) if (!known.has(table.part)) fail(`the rows of ${table.name} are missing`);
  return { file, manifest, read };
}

async function entriesOf(file: string): Promise<Map<string, Entry>> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new AppError('NOT_FOUND', `${file} cannot be read: ${error.code}.`, 'Name a file that tutti backup wrote.');
  });
  try {
    return (await readTar(handle)) ?? fail('it is no tar file, or its end is missing');
  } finally {
    await handle.close();
  }
}

function parse(text: string): Manifest {
  const value: unknown = JSON.parse(text);
  const format = (value as { format?: unknown }).format;
  if (typeof format === 'number' && format > formatVersion) {
    throw new AppError(
      'CONFLICT',
      `This backup has format ${format}; this release reads up to ${formatVersion}.`,
      'Restore it with the release that made it, or a newer one.',
    );
  }
  const parsed = manifestSchema.safeParse(value);
  return parsed.success ? parsed.data : fail('its manifest makes no sense');
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function fail(what: string): never {
  throw new AppError('VALIDATION_FAILED', `This is no whole backup: ${what}.`, 'Take another copy of the file.');
}
