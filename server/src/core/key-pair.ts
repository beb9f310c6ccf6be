import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { writePrivateFile } from './data-dir.ts';
import { type KeyFile, keyFileText } from './keys.ts';

/** With what a key pair signs. A key's id says it, so that no signature ever chooses. */
export const signatureAlgorithms = ['Ed25519', 'ECDSA-P256-SHA256', 'ECDSA-P256-SHA512'] as const;
export type SignatureAlgorithm = (typeof signatureAlgorithms)[number];

/**
 * A new private key as PKCS #8 PEM. Its id before it is a fingerprint of its public half, which for all but Ed25519 follows
 * the algorithm: `ecdsa-p256-sha256-<16 hex>`.
 */
export function makeKeyPair(algorithm: SignatureAlgorithm = 'Ed25519'): [id: string, pem: string] {
  const { privateKey, publicKey } =
    algorithm === 'Ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const print = createHash('sha256').update(spki).digest('hex').slice(0, 16);
  const id = algorithm === 'Ed25519' ? print : `${algorithm.toLowerCase()}-${print}`;
  return [id, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()];
}

/** What the key of this id signs with. */
export function algorithmOfKey(id: string): SignatureAlgorithm {
  return signatureAlgorithms.find((one) => id.startsWith(`${one.toLowerCase()}-`)) ?? 'Ed25519';
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
