import { createPublicKey, type KeyObject } from 'node:crypto';
import { badKey } from './refusal.ts';
import { schemeOf } from './schemes.ts';

/** A public key as it is handed out and trusted: the algorithm belongs to the key, never to a signature. */
export interface PublicKey {
  readonly key_id: string;
  readonly alg: string;
  /** SPKI PEM. */
  readonly public_key: string;
}

export interface TrustedKey extends PublicKey {
  readonly key: KeyObject;
}

const p = 2n ** 255n - 19n;
/**
 * The y coordinates of the points of small order of edwards25519: a signature under such a key holds for any document, and
 * OpenSSL 3.0 takes it.
 */
const smallOrder = new Set([
  0n,
  1n,
  p - 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
]);

/** A public key that may be trusted, or KEY_REFUSED: of the kind that its algorithm wants, in canonical form, not weak. */
export function trustKey(given: PublicKey): TrustedKey {
  const scheme = schemeOf(given.alg);
  if (!scheme) throw badKey('its algorithm is not known');
  let key: KeyObject;
  try {
    key = createPublicKey(given.public_key);
  } catch {
    throw badKey('it is no public key in PEM');
  }
  if (given.public_key.includes('PRIVATE')) throw badKey('it is a private key');
  if (!scheme.takes(key)) throw badKey(`it is none of ${given.alg}`);
  if (given.alg === 'Ed25519') refuseWeak(key);
  return { ...given, key };
}

function refuseWeak(key: KeyObject): void {
  const raw = Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
  if (raw.length !== 32) throw badKey('it has not the length of an Ed25519 key');
  const y = BigInt(`0x${Buffer.from(raw).reverse().toString('hex')}`) & (2n ** 255n - 1n);
  if (y >= p) throw badKey('it is not in canonical form');
  if (smallOrder.has(y)) throw badKey('it is of small order, so that anybody can sign for it');
}
