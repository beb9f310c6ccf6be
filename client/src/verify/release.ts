import { isMeantFor } from './cohort.ts';
import { type Artifact, artifactType, isArtifact, isStatement, releaseType, type Statement } from './documents.ts';
import { notAuthentic } from './refusal.ts';
import { contentId, type Signature, verifyDocument } from './signature.ts';
import { documentLimits } from './strict-json.ts';
import type { TrustedKey } from './trusted-key.ts';

export interface SignedBytes {
  readonly bytes: Uint8Array;
  readonly signature: Signature;
}

/** Whom a release must be for, and what its reader remembers. */
export interface Expected {
  readonly tenant: string;
  readonly client_id: string;
  readonly profile: string;
  /** The highest sequence that this reader ever took; 0 for the first time. */
  readonly lastSequence: number;
  /** The random id that this client keeps, if it takes part in rollouts. Null: whoever checks is no client, and in no cohort. */
  readonly fingerprint?: string | null | undefined;
  readonly now: Date;
}

/** Clocks that differ: a statement may come from this far ahead. */
const skewMs = 5 * 60_000;

/**
 * What a reader does before it uses a configuration: size, both signatures, for whom it is, no way back, not expired, and
 * that the artifact is the one that the statement names. Throws NOT_AUTHENTIC with the reason.
 */
export function verifyRelease(
  release: { readonly artifact: SignedBytes; readonly statement: SignedBytes },
  expected: Expected,
  trusted: readonly TrustedKey[],
): { artifact: Artifact; statement: Statement } {
  checkSize(release.artifact.bytes);
  const statement = verified(isStatement, releaseType, release.statement, trusted);
  checkAudience(statement, expected);
  if (statement.sequence < expected.lastSequence) throw notAuthentic('rollback', 'a newer statement was taken before');
  const now = expected.now.getTime();
  if (Date.parse(statement.issued_at) > now + skewMs) throw notAuthentic('future', 'it was issued in the future');
  if (Date.parse(statement.expires_at) <= now) throw notAuthentic('expired', 'its time is over');
  if (contentId(release.artifact.bytes) !== statement.artifact_id) {
    throw notAuthentic('tampered', 'the artifact is not the one that the statement names');
  }
  const artifact = verified(isArtifact, artifactType, release.artifact, trusted);
  if (artifact.client_id !== statement.client_id || artifact.profile !== statement.profile) {
    throw notAuthentic('mixed', 'artifact and statement are of different clients or profiles');
  }
  return { artifact, statement };
}

function checkAudience(statement: Statement, expected: Expected): void {
  for (const name of ['tenant', 'client_id', 'profile'] as const) {
    if (statement[name] !== expected[name]) throw notAuthentic('audience', `it is for another ${name}`);
  }
  if (!isMeantFor(statement.cohort, expected.fingerprint)) {
    throw notAuthentic('audience', 'it is for a cohort that this client is not in');
  }
}

/** A signed document of this type and form; throws NOT_AUTHENTIC. */
export function verified<T>(
  isIt: (value: unknown) => value is T,
  type: string,
  { bytes, signature }: SignedBytes,
  trusted: readonly TrustedKey[],
): T {
  checkSize(bytes);
  const document: unknown = verifyDocument(type, bytes, signature, trusted);
  if (isIt(document)) return document;
  throw notAuthentic('form', 'it is signed, but has not the form of such a document');
}

function checkSize(bytes: Uint8Array): void {
  if (bytes.byteLength > documentLimits.bytes) throw notAuthentic('size', 'it is larger than any configuration');
}
