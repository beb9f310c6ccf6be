import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical.ts';
import { notAuthentic } from './refusal.ts';
import { schemeOf, verifyBytes } from './schemes.ts';
import { type JsonValue, parseStrict, strictValue } from './strict-json.ts';
import type { TrustedKey } from './trusted-key.ts';

export interface Signature {
  readonly alg: string;
  /** Base64. */
  readonly value: string;
  readonly key_id: string;
}

/** What a signature is over: the pre-authentication encoding of DSSE (https://github.com/secure-systems-lab/dsse). */
export function pae(payloadType: string, bytes: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${bytes.byteLength} `;
  return Buffer.concat([Buffer.from(head), bytes]);
}

/** The bytes of a document that are hashed, signed and served: canonical JSON (RFC 8785) of a strictly checked value. */
export function canonicalBytes(value: unknown): Buffer {
  return Buffer.from(canonicalJson(strictValue(value)));
}

/** `sha256:<hex>` of bytes: the id of a document. */
export function contentId(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * The document that these bytes are, once a trusted key's signature over exactly them holds; throws NOT_AUTHENTIC. What is
 * verified is what is parsed, and both must be canonical: nobody reads something else out of the same bytes.
 */
export function verifyDocument(
  payloadType: string,
  bytes: Uint8Array,
  signature: Signature,
  trusted: readonly TrustedKey[],
): JsonValue {
  const known = trusted.find(({ key_id }) => key_id === signature.key_id);
  if (!known) throw notAuthentic('unknown-key', 'no trusted key signed it');
  if (known.alg !== signature.alg) throw notAuthentic('algorithm', 'its signature is not of the algorithm of its key');
  const scheme = schemeOf(known.alg);
  const value = Buffer.from(signature.value, 'base64');
  if (value.toString('base64') !== signature.value) throw notAuthentic('signature', 'its signature is no base64');
  if (!scheme || !verifyBytes(scheme, pae(payloadType, bytes), known.key, value)) {
    throw notAuthentic('signature', 'its signature does not hold');
  }
  const document = parseStrict(bytes);
  if (!canonicalBytes(document).equals(bytes)) throw notAuthentic('form', 'it is not in canonical form');
  return document;
}

/** A signature as it is written in an export, or in an answer. */
export function toSignature(given: Uint8Array | string): Signature {
  const { alg, value, key_id } = (parseStrict(given) ?? {}) as Partial<Signature>;
  if (typeof alg === 'string' && typeof value === 'string' && typeof key_id === 'string') return { alg, value, key_id };
  throw notAuthentic('signature', 'its signature is none');
}
