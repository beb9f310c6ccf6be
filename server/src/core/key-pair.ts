import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { writePrivateFile } from './data-dir.ts';
import { type KeyFile, keyFileText } from './keys.ts';

/** A new Ed25519 private key as PKCS #8 PEM. Its id before it is a fingerprint of its public half. */
export function makeKeyPair(): [id: string, pem: string] {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const id = createHash('sha256').update(spki).digest('hex').slice(0, 16);
  return [id, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()];
}

/** What is left of a key that signs no more and still verifies: SPKI PEM. */
export function publicHalf(pem: string): string {
  return createPublicKey(pem).export({ type: 'spki', format: 'pem' }).toString();
}

/** Reads a file of key pairs; undefined when there is none. */
export function readKeyPairs(file: string): KeyFile | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as KeyFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes a file with one new key pair, readable by its owner only. */
export function makeKeyPairs(file: string): KeyFile {
  const [id, pem] = makeKeyPair();
  const made: KeyFile = { current: id, keys: { [id]: pem } };
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writePrivateFile(file, keyFileText(made));
  return made;
}
