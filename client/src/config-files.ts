import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { badInput, TuttiError } from './error.ts';
import type { ReadFile } from './verify/export.ts';
import { notAuthentic } from './verify/refusal.ts';
import { documentLimits } from './verify/strict-json.ts';
import { writeWhole } from './write-whole.ts';

export interface FileToWrite {
  readonly path: string;
  readonly text: string;
}

/** Names that an export has: no server's answer leads out of the folder, or to a name that some system does not take. */
const safePath =
  /^(?:(?:objects|schemas|keys)\/[a-z0-9][a-z0-9-]{0,127}(?:\.sig)?\.(?:json|pem)|[a-z]{1,20}(?:\.sig)?\.(?:json|md))$/;

/** Refuses a path that no export of Tutti has. */
export function checkPath(name: string): void {
  if (safePath.test(name)) return;
  throw notAuthentic('path', 'it names a file outside of what an export has');
}

/**
 * Makes a folder hold exactly these files, the index last: whoever reads meanwhile finds every file that the index he has
 * names. A folder that is not empty must be an export already.
 */
export async function writeExport(folder: string, files: readonly FileToWrite[]): Promise<void> {
  for (const { path: name } of files) checkPath(name);
  await mkdir(folder, { recursive: true });
  const before = await listFiles(folder);
  if (before.length > 0 && !before.includes('index.json')) {
    throw badInput(`${folder} is neither empty nor an export.`, 'Name a folder of its own.');
  }
  for (const { path: name, text } of files) await replace(path.join(folder, name), text);
  const kept = new Set(files.map((file) => file.path));
  for (const name of before) {
    if (isOwn(name) && !kept.has(name)) await rm(path.join(folder, name), { force: true });
  }
}

/**
 * Whether an export before wrote this file: those above the folders are always the same, so that another one there is
 * somebody's own, such as what `--state` keeps. What a write that was broken off left is ours as well.
 */
function isOwn(name: string): boolean {
  const whole = name.replace(/\.[0-9a-f]{8}$/, '');
  return safePath.test(whole) && (whole !== name || name.includes('/'));
}

async function listFiles(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'));
}

/** Writes a file whole or not at all; a link in its place is replaced, never followed. */
export async function replace(file: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeWhole(file, text, mode);
}

/** Reads the files of an export from a folder, or from a server for files; none larger than any of them may be. */
export function readerOf(from: string): ReadFile {
  const isUrl = /^https?:\/\//.test(from);
  const base = from.endsWith('/') ? from : `${from}/`;
  return async (name) => {
    checkPath(name);
    return isUrl ? download(new URL(name, base)) : readLimited(path.join(from, name));
  };
}

const tooLarge = () => notAuthentic('size', 'a file is larger than any of an export');

/** The bytes of a file that is no larger than any of an export, or than `most`. */
export async function readLimited(file: string, most = 2 * documentLimits.bytes): Promise<Uint8Array> {
  const handle = await open(file).catch((cause: NodeJS.ErrnoException) => {
    throw badInput(`${file} cannot be read: ${cause.code}.`, 'Name a folder, a file or an address that is there.');
  });
  try {
    if ((await handle.stat()).size > most) throw tooLarge();
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

async function download(url: URL): Promise<Uint8Array> {
  const answer = await fetch(url, { redirect: 'error' }).catch((cause: unknown) => {
    throw unavailable(`Nothing answers at ${url.origin}.`, cause);
  });
  if (!answer.ok || !answer.body) throw unavailable(`${url.href} answers with status ${answer.status}.`);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer.body) {
    bytes += part.byteLength;
    if (bytes > 2 * documentLimits.bytes) throw tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function unavailable(message: string, cause?: unknown): TuttiError {
  const suggestion = 'Give the address of the folder that holds index.json.';
  return new TuttiError({ code: 'UNAVAILABLE', message, suggestion, retryable: true }, undefined, { cause });
}

/** Whether this names a folder or an address, and no single file. */
export async function isExport(from: string): Promise<boolean> {
  return /^https?:\/\//.test(from) || ((await stat(from).catch(() => undefined))?.isDirectory() ?? false);
}
