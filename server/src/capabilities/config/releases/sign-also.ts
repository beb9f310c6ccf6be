import type { Db } from '../../../core/db/database.ts';
import { type SigningKey, signDocument, verifyDocument } from '../integrity/sign.ts';
import type { TrustedKey } from '../integrity/trusted-key.ts';
import { findSignature, insertSignature } from './store.ts';

/** A signed document as it is stored, and what it is called in what its signature is over. */
export interface StoredDocument {
  readonly id: string;
  readonly bytes: Buffer;
  readonly type: string;
}

/**
 * Has a document signed by a key as well, so that older keys may be dropped: only one that carries a signature that holds by one
 * of `trusted`. Answers whether it was.
 */
export async function signAlso(
  tx: Db,
  { id, bytes, type }: StoredDocument,
  key: SigningKey,
  trusted: readonly TrustedKey[],
): Promise<boolean> {
  if (await findSignature(tx, id, [key.key_id])) return false;
  const ids = trusted.map(({ key_id }) => key_id);
  const known = await findSignature(tx, id, ids);
  if (!known) return false;
  verifyDocument(type, bytes, known, trusted);
  await insertSignature(tx, id, signDocument(type, bytes, key));
  return true;
}
