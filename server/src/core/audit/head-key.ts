import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { canonicalJson } from '../canonical.ts';
import { writePrivateFile } from '../data-dir.ts';

/** The signed end of the chain after one batch. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
  /** Entries of this batch: the head before stands at `seq - count`. */
  readonly count: number;
  /** ISO 8601 in microseconds. */
  readonly time: string;
  readonly key_id: string;
  readonly signature: string;
  /** A second signature: everything up to here was removed on purpose. */
  readonly checkpoint: string | null;
}

export interface HeadKey {
  signHead(head: { seq: number; hash: string; count: number; time: string }): Head;
  signCheckpoint(head: Head): string;
  /** Whether a signature holds; undefined when its key is not known here. */
  verifyHead(head: Head): boolean | undefined;
  verifyCheckpoint(head: Head): boolean;
}

interface KeyFile {
  /** Signs what is new; the others still verify what they once signed. */
  readonly current: string;
  /** PKCS #8 PEM of the private key, or SPKI PEM of the public one where that is all that is left. */
  readonly keys: Readonly<Record<string, string>>;
}

/**
 * The Ed25519 keys of the heads, in one file below the directory of keys, made when first needed to sign. The id of a key is
 * a fingerprint of its public half. What `tutti keys` does to the file counts from the next head on.
 */
export function openHeadKey(directory: string): HeadKey {
  const name = path.join(directory, `${headKeyPurpose}.json`);
  let file: KeyFile = read(name) ?? { current: '', keys: {} };
  const loaded = new Map<string, KeyObject>();
  const publicKey = (id: string): KeyObject | undefined => {
    const pem = Object.hasOwn(file.keys, id) ? file.keys[id] : undefined;
    const key = loaded.get(id) ?? (pem === undefined ? undefined : createPublicKey(pem));
    if (key) loaded.set(id, key);
    return key;
  };
  /** The id of the key to sign with, as the file says now. One that broke while the server runs takes no key with it. */
  const currentKey = () => {
    try {
      file = read(name) ?? (file.current === '' ? make(name) : file);
    } catch (error) {
      if (file.current === '') throw error;
    }
    return file.current;
  };
  const signText = (text: string, id: string) =>
    sign(null, Buffer.from(text), createPrivateKey(file.keys[id] ?? '')).toString('base64url');
  const holds = (text: string, id: string, signature: string) => {
    const key = publicKey(id);
    return key && verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'));
  };

  return {
    signHead(head) {
      const signed = { ...head, key_id: currentKey() };
      return { ...signed, signature: signText(headText(signed), signed.key_id), checkpoint: null };
    },
    signCheckpoint(head) {
      const id = currentKey();
      return `${id}.${signText(checkpointText(head), id)}`;
    },
    verifyHead: (head) => holds(headText(head), head.key_id, head.signature),
    verifyCheckpoint(head) {
      const [id = '', signature = ''] = head.checkpoint?.split('.') ?? [];
      return holds(checkpointText(head), id, signature) ?? false;
    },
  };
}

function headText({ seq, hash, count, time, key_id }: Omit<Head, 'signature' | 'checkpoint'>): string {
  return `tutti audit head\n${canonicalJson({ seq, hash, count, time, key_id })}`;
}

function checkpointText({ seq, hash }: Head): string {
  return `tutti audit checkpoint\n${canonicalJson({ seq, hash })}`;
}

function read(file: string): KeyFile | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as KeyFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function make(file: string): KeyFile {
  const [id, pem] = makeHeadKey();
  const made: KeyFile = { current: id, keys: { [id]: pem } };
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writePrivateFile(file, `${JSON.stringify(made, null, 2)}\n`);
  return made;
}

/** The name under which `tutti keys` knows these keys. */
export const headKeyPurpose = 'audit-head';

/** A new private key, with its id before it. */
export function makeHeadKey(): [id: string, pem: string] {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const id = createHash('sha256').update(spki).digest('hex').slice(0, 16);
  return [id, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()];
}

/** What is left of a key that signs no more and still verifies. */
export function publicHalf(pem: string): string {
  return createPublicKey(pem).export({ type: 'spki', format: 'pem' }).toString();
}
