import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { writePrivateFile } from './data-dir.ts';

/** What a key is for. A signature made for one purpose never passes for another. */
export type KeyPurpose = 'presign' | 'cursor';

interface KeyFile {
  /** Signs what is new; the others still verify what they once signed. */
  readonly current: string;
  readonly keys: Readonly<Record<string, string>>;
}

export interface Keys {
  /** `<key id>.<signature>` of a text. */
  sign(purpose: KeyPurpose, text: string): string;
  verify(purpose: KeyPurpose, text: string, signature: string): boolean;
}

/** The server's signing keys: one file a purpose, readable by its owner only, made when missing. */
export function openKeys(directory: string): Keys {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const loaded = new Map<KeyPurpose, KeyFile>();

  function load(purpose: KeyPurpose): KeyFile {
    const known = loaded.get(purpose) ?? readOrMake(path.join(directory, `${purpose}.json`));
    loaded.set(purpose, known);
    return known;
  }

  return {
    sign(purpose, text) {
      const { current, keys } = load(purpose);
      return `${current}.${mac(keys[current] ?? '', text).toString('base64url')}`;
    },
    verify(purpose, text, signature) {
      const [id = '', given = ''] = signature.split('.');
      const { keys } = load(purpose);
      const key = Object.hasOwn(keys, id) ? keys[id] : undefined;
      if (key === undefined) return false;
      const expected = mac(key, text);
      const actual = Buffer.from(given, 'base64url');
      return actual.length === expected.length && timingSafeEqual(actual, expected);
    },
  };
}

function mac(key: string, text: string): Buffer {
  return createHmac('sha256', Buffer.from(key, 'base64url')).update(text).digest();
}

function readOrMake(file: string): KeyFile {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as KeyFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const made: KeyFile = { current: 'k1', keys: { k1: randomBytes(32).toString('base64url') } };
  writePrivateFile(file, `${JSON.stringify(made, null, 2)}\n`);
  return made;
}
