import { type KeyObject, verify } from 'node:crypto';

interface Scheme {
  /** What is signed instead of the bytes; Ed25519 brings its own (RFC 8032). */
  readonly digest: 'sha256' | 'sha512' | null;
  readonly takes: (key: KeyObject) => boolean;
}

const isP256 = (key: KeyObject) =>
  key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';

/** How documents are signed. ECDSA signatures are DER (RFC 3279), as `openssl dgst` reads and writes them. */
const schemes: Readonly<Record<string, Scheme>> = {
  Ed25519: { digest: null, takes: (key) => key.asymmetricKeyType === 'ed25519' },
  'ECDSA-P256-SHA256': { digest: 'sha256', takes: isP256 },
  'ECDSA-P256-SHA512': { digest: 'sha512', takes: isP256 },
};

/** The scheme of this name; undefined for any other word. */
export function schemeOf(alg: string): Scheme | undefined {
  return Object.hasOwn(schemes, alg) ? schemes[alg] : undefined;
}

export function verifyBytes({ digest }: Scheme, bytes: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  return verify(digest, bytes, key, signature);
}
