import { createHmac, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { writePrivateFile } from './data-dir.ts';
import { randomKey, sealBytes, unsealBytes } from './seal.ts';

export { randomKey } from './seal.ts';

export const keyPurposes = ['presign', 'cursor', 'audit-input', 'workflow-states', 'config-report'] as const;

/** What a key is for. A signature made for one purpose never passes for another. */
export type KeyPurpose = (typeof keyPurposes)[number];

export interface KeyFile {
  /** Signs what is new; the others still verify what they once signed. */
  readonly current: string;
  readonly keys: Readonly<Record<string, string>>;
  /** Is handed out already, and signs nothing before the next rotation makes it current. */
  readonly next?: string | undefined;
}

export interface Keys {
  /** `<key id>.<signature>` of a text. */
  sign(purpose: KeyPurpose, text: string): string;
  verify(purpose: KeyPurpose, text: string, signature: string): boolean;
  /** Encrypts bytes, bound to a text without which nobody opens them. */
  seal(purpose: KeyPurpose, bytes: Buffer, bound: string): Buffer;
  /** Throws where the key is gone, or where they are not what was sealed with this text. */
  unseal(purpose: KeyPurpose, sealed: Buffer, bound: string): Buffer;
}

const recheckMs = 1000;

/**
 * The server's signing keys: one file a purpose, readable by its owner only, made when missing. What `tutti keys` does to a
 * file counts here within a second, and at once for a key that this process has not seen.
 */
export function openKeys(directory: string): Keys {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const loaded = new Map<KeyPurpose, { file: KeyFile; stamp: string; checkedAt: number; askedAt: number }>();

  function load(purpose: KeyPurpose): KeyFile {
    const known = loaded.get(purpose);
    const now = performance.now();
    if (known && now - known.checkedAt < recheckMs) return known.file;
    const name = path.join(directory, `${purpose}.json`);
    if (!known) {
      const file = readOrMake(name);
      loaded.set(purpose, { file, stamp: stampOf(name), checkedAt: now, askedAt: Number.NEGATIVE_INFINITY });
      return file;
    }
    known.checkedAt = now;
    const stamp = stampOf(name);
    // A file that went away or broke while the server runs must not take its keys with it.
    if (stamp !== '' && stamp !== known.stamp) {
      known.file = tryRead(name) ?? known.file;
      known.stamp = stamp;
    }
    return known.file;
  }

  /** The keys for a key id that is unknown: somebody may have rotated this moment. */
  function loadAgain(purpose: KeyPurpose): KeyFile {
    const known = loaded.get(purpose);
    const now = performance.now();
    if (known && now - known.askedAt >= recheckMs) {
      known.askedAt = now;
      known.checkedAt = Number.NEGATIVE_INFINITY;
    }
    return load(purpose);
  }

  // All of them now: a key that is first needed when the disk is full could not be made.
  for (const purpose of keyPurposes) load(purpose);

  return {
    sign(purpose, text) {
      const { current, keys } = load(purpose);
      return `${current}.${mac(keys[current] ?? '', text).toString('base64url')}`;
    },
    verify(purpose, text, signature) {
      const [id = '', given = ''] = signature.split('.');
      const key = keyOf(load(purpose), id) ?? keyOf(loadAgain(purpose), id);
      if (key === undefined) return false;
      const expected = mac(key, text);
      const actual = Buffer.from(given, 'base64url');
      return actual.length === expected.length && timingSafeEqual(actual, expected);
    },
    seal(purpose, bytes, bound) {
      const { current, keys } = load(purpose);
      return sealBytes({ id: current, key: keys[current] ?? '' }, bytes, bound);
    },
    unseal(purpose, sealed, bound) {
      return unsealBytes((id) => keyOf(load(purpose), id) ?? keyOf(loadAgain(purpose), id), sealed, bound);
    },
  };
}

function mac(key: string, text: string): Buffer {
  return createHmac('sha256', Buffer.from(key, 'base64url')).update(text).digest();
}

function keyOf({ keys }: KeyFile, id: string): string | undefined {
  return Object.hasOwn(keys, id) ? keys[id] : undefined;
}

function readOrMake(file: string): KeyFile {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as KeyFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const made: KeyFile = { current: 'k1', keys: { k1: randomKey() } };
  writePrivateFile(file, keyFileText(made));
  return made;
}

function tryRead(file: string): KeyFile | undefined {
  try {
    const read = JSON.parse(readFileSync(file, 'utf8')) as KeyFile;
    return keyOf(read, read.current) === undefined ? undefined : read;
  } catch {
    return undefined;
  }
}

/** Tells one state of a file from another; each write makes a new file. */
function stampOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found ? `${found.ino} ${found.mtimeMs} ${found.size}` : '';
}

export const keyFileText = (file: KeyFile) => `${JSON.stringify(file, null, 2)}\n`;
