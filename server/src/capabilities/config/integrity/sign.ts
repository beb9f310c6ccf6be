import { type KeyObject, sign } from 'node:crypto';
import * as client from '@tutti/client/verify';
import { ours } from './refusals.ts';

export { contentId, pae, type Signature } from '@tutti/client/verify';

export interface SigningKey {
  readonly key_id: string;
  readonly alg: string;
  readonly key: KeyObject;
}

/** The bytes of a document that are hashed, signed and served: canonical JSON (RFC 8785) of a strictly checked value. */
export const canonicalBytes = ours(client.canonicalBytes);

/** The document that these bytes are, once a trusted key's signature over exactly them holds; throws NOT_AUTHENTIC. */
export const verifyDocument = ours(client.verifyDocument);

export function signDocument(
  payloadType: string,
  bytes: Uint8Array,
  { key_id, alg, key }: SigningKey,
): client.Signature {
  const scheme = client.schemeOf(alg);
  if (!scheme) throw new Error(`no signature scheme ${alg}`);
  return { alg, value: sign(scheme.digest, client.pae(payloadType, bytes), key).toString('base64'), key_id };
}
