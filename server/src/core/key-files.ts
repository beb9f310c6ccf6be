import { mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { headKeyPurpose } from './audit/head-key.ts';
import { sha256 } from './canonical.ts';
import { writePrivateFile } from './data-dir.ts';
import type { Term } from './db/agreements.ts';
import { AppError } from './errors.ts';
import { algorithmOfKey, makeKeyPair, publicHalf } from './key-pair.ts';
import { type KeyFile, keyFileText, keyPurposes, randomKey } from './keys.ts';
import { webhookKeyPurpose } from './webhooks/key.ts';

/** The name under which `tutti keys` knows the keys of configurations for MCP clients. */
export const configKeyPurpose = 'config-release';

/** What is signed so that others can verify it: by key pairs. */
const pairPurposes: readonly string[] = [headKeyPurpose, webhookKeyPurpose, configKeyPurpose];

/** Every purpose that there are keys for. */
export const allPurposes: readonly string[] = [...keyPurposes, ...pairPurposes];

/** Where the keys are: given by the operator, or with the other data. */
export function keysDirectory(settings: { readonly keys_dir?: string | undefined; readonly data_dir: string }): string {
  return settings.keys_dir === undefined ? path.join(settings.data_dir, 'keys') : path.resolve(settings.keys_dir);
}

const shape = z
  .object({ current: z.string(), keys: z.record(z.string(), z.string()), next: z.string().optional() })
  .refine(({ current, keys, next = current }) => Object.hasOwn(keys, current) && Object.hasOwn(keys, next));

/** The keys of a purpose; undefined when there are none yet. Throws when the file is broken. */
export function readKeyFile(directory: string, purpose: string): KeyFile | undefined {
  const file = path.join(directory, `${purpose}.json`);
  try {
    return shape.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new AppError(
      'VALIDATION_FAILED',
      `${file} cannot be read.`,
      'Restore it from a backup; what it signed cannot be checked without it.',
    );
  }
}

export function writeKeyFile(directory: string, purpose: string, file: KeyFile): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writePrivateFile(path.join(directory, `${purpose}.json`), keyFileText(file));
}

/** A new key for a purpose, with its id before it. A pair signs as the one before it does. */
export function makeKey(purpose: string, before?: KeyFile): [id: string, key: string] {
  return pairPurposes.includes(purpose)
    ? makeKeyPair(algorithmOfKey(before?.current ?? ''))
    : [nextId(before), randomKey()];
}

/** Makes the keys that are missing in a directory; answers their purposes. */
export function makeMissingKeys(directory: string): string[] {
  const missing = allPurposes.filter((purpose) => !readKeyFile(directory, purpose));
  for (const purpose of missing) {
    const [id, key] = makeKey(purpose);
    writeKeyFile(directory, purpose, { current: id, keys: { [id]: key } });
  }
  return missing;
}

/** What processes that share a database compare of their keys. Throws when some are missing or open to everybody. */
export function keyTerms(directory: string): Term[] {
  return allPurposes.map((purpose) => {
    const file = readKeyFile(directory, purpose);
    if (!file) {
      throw new AppError(
        'VALIDATION_FAILED',
        `There are no keys for ${purpose} in ${directory}.`,
        `Copy them from another server of this database; for the first one make them: tutti keys make --keys-dir ${directory}`,
      );
    }
    mustBePrivate(path.join(directory, `${purpose}.json`));
    const print = (id: string) => fingerprint(purpose, id, file.keys[id] ?? '');
    return { name: `keys for ${purpose}`, value: print(file.current), also: Object.keys(file.keys).map(print) };
  });
}

function mustBePrivate(file: string): void {
  if ((statSync(file).mode & 0o007) === 0) return;
  throw new AppError(
    'VALIDATION_FAILED',
    `${file} can be read by everybody on this machine.`,
    `Take that away (chmod 600 ${file}) and rotate its keys if anybody may have read them.`,
  );
}

/** Tells one key from another and says nothing of it: a key is too long to be guessed. */
function fingerprint(purpose: string, id: string, key: string): string {
  const told = pairPurposes.includes(purpose) && key !== '' ? publicHalf(key) : key;
  return sha256(`tutti key\n${purpose}\n${id}\n${told}`).slice(0, 32);
}

function nextId(file: KeyFile | undefined): string {
  const numbers = Object.keys(file?.keys ?? {}).map((id) => Number(/^k(\d+)$/.exec(id)?.[1] ?? 0));
  return `k${Math.max(0, ...numbers) + 1}`;
}
