import { z } from 'zod';
import type { JsonValue } from '../integrity/parse-strict.ts';
import { canonicalBytes, contentId } from '../integrity/sign.ts';

/** All that a draft says. It is kept in canonical form and bound by its hash: approvals are for exactly this. */
export const draftBody = z.strictObject({
  client_id: z.string(),
  profile: z.string(),
  /** Neutral for a family that Tutti renders, else the client's own. */
  payload: z.custom<JsonValue>(() => true),
  /** `name@version`, or `none`. */
  policy_set_id: z.string(),
  changelog: z.string(),
  /** Null: the next one. */
  version: z.string().nullable(),
  /** Null: the newest. */
  schema_version: z.string().nullable(),
  /** Null: released to all. */
  rollout_percentage: z.int().min(1).max(99).nullable(),
  /** What policy rules may know of its author. */
  claims: z.strictObject({ principal_id: z.string(), principal_name: z.string(), scopes: z.array(z.string()) }),
});
export type DraftBody = z.output<typeof draftBody>;

/** The canonical form of a draft and the hash of it. */
export function sealDraft(body: DraftBody): { readonly text: string; readonly hash: string } {
  const bytes = canonicalBytes(body);
  return { text: bytes.toString(), hash: contentId(bytes) };
}
