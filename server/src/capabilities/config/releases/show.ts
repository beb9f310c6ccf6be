import type { z } from 'zod';
import type { Db } from '../../../core/db/database.ts';
import type { artifactSchema } from '../contract.ts';
import type { Artifact, Statement } from '../integrity/documents.ts';
import { parseStrict } from '../integrity/parse-strict.ts';
import { notAuthentic } from '../integrity/refusals.ts';
import { contentId, type Signature } from '../integrity/sign.ts';
import type { SigningKeys } from './signing-keys.ts';
import { type ArtifactRow, findSignature, type ReleaseRow } from './store.ts';

/** An artifact and its statement as callers get them. Both come out of the bytes that were signed. */
export async function showConfig(
  db: Db,
  keys: SigningKeys,
  { artifact, release }: { readonly artifact: ArtifactRow; readonly release: ReleaseRow },
): Promise<ShownConfig> {
  return showSigned(artifact, release, {
    artifact: await signatureOf(db, keys, artifact.artifact_id),
    release: await signatureOf(db, keys, release.statement_id),
  });
}

export type ShownConfig = z.output<typeof artifactSchema>;

/** The same, of signatures that were found before. */
export function showSigned(
  artifact: Pick<ArtifactRow, 'artifact_id' | 'bytes' | 'payload_hash' | 'inputs'>,
  release: Pick<ReleaseRow, 'statement_id' | 'bytes'>,
  signatures: { readonly artifact: Signature; readonly release: Signature },
): ShownConfig {
  const document = read<Artifact>(artifact.bytes, artifact.artifact_id);
  const statement = read<Statement>(release.bytes, release.statement_id);
  return {
    artifact_id: artifact.artifact_id,
    ...document,
    issued_at: statement.issued_at,
    signature: { ...signatures.artifact },
    changelog: statement.changelog,
    payload_hash: artifact.payload_hash,
    inputs: artifact.inputs.map((input) => ({ ...input })),
    release: {
      ...statement,
      statement_id: release.statement_id,
      signature: { ...signatures.release },
    },
  };
}

/** A document out of its stored bytes, which must be those of its id. */
export function read<T>(bytes: Uint8Array, id: string): T {
  return parseStrict(verified(bytes, id)) as T;
}

/** The bytes of a document, which must be those of its id. */
export function verified<T extends Uint8Array>(bytes: T, id: string): T {
  if (contentId(bytes) !== id) throw notAuthentic('tampered', 'what is stored is not what was released');
  return bytes;
}

/** The newest signature of a document by a key that still holds. */
export async function signatureOf(db: Db, keys: SigningKeys, document: string): Promise<Signature> {
  const ids = keys.trusted().map(({ key_id }) => key_id);
  const found = await findSignature(db, document, ids);
  if (found) return found;
  throw notAuthentic('unsigned', 'the key that signed it was dropped');
}
