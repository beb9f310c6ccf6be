import { badInput } from '../error.ts';
import { canonicalJson } from './canonical.ts';
import type { Artifact, Statement } from './documents.ts';
import { notAuthentic } from './refusal.ts';
import { type Expected, type SignedBytes, verifyRelease } from './release.ts';
import { contentId, toSignature } from './signature.ts';
import { documentLimits, type JsonLimits, parseStrict } from './strict-json.ts';
import type { TrustedKey } from './trusted-key.ts';

/** An answer has the signed bytes in base64, the same as JSON, and white space. */
export const answerLimits: JsonLimits = { bytes: 8 * documentLimits.bytes, depth: documentLimits.depth + 2 };

type Members = Readonly<Record<string, unknown>>;

/**
 * Verifies what get_config answered with `with_signed_bytes`, as `verifyRelease` does. Its readable fields must say what was
 * signed as well: they are what the next program in the line reads.
 */
export function verifyAnswer(
  bytes: Uint8Array,
  expected: Expected,
  trusted: readonly TrustedKey[],
): { artifact: Artifact; statement: Statement } {
  const answer = members(parseStrict(bytes, answerLimits));
  const [signed, release] = [members(answer.signed_bytes), members(answer.release)];
  if (typeof signed.artifact !== 'string' || typeof signed.release !== 'string') {
    throw badInput('This file has no signed bytes.', 'Fetch it with get_config and with_signed_bytes.');
  }
  const given = {
    artifact: part(signed.artifact, answer.signature),
    statement: part(signed.release, release.signature),
  };
  const found = verifyRelease(given, expected, trusted);
  const { artifact, statement } = found;
  const { artifact_id, issued_at, changelog } = statement;
  const payload_hash = contentId(Buffer.from(canonicalJson(artifact.payload)));
  checkSaid(answer, { ...artifact, artifact_id, issued_at, changelog, payload_hash });
  checkSaid(release, { ...statement, statement_id: contentId(given.statement.bytes) });
  return found;
}

/** What an answer tells of these may be left out, but not be something else. */
function checkSaid(said: Members, signed: Members): void {
  for (const [name, value] of Object.entries(signed)) {
    if (name in said && canonicalJson(said[name]) !== canonicalJson(value)) {
      throw notAuthentic('tampered', `its ${name} is not what was signed`);
    }
  }
}

function part(value: string, signature: unknown): SignedBytes {
  return { bytes: Buffer.from(value, 'base64'), signature: toSignature(JSON.stringify(signature ?? null)) };
}

function members(value: unknown): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};
}
