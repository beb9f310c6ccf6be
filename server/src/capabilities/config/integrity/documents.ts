import { z } from 'zod';
import { canonicalBytes, contentId } from './sign.ts';

/** What the two signed documents are called, within them and in what their signatures are over. */
export const artifactType = 'application/vnd.tutti.config.artifact+json';
export const releaseType = 'application/vnd.tutti.config.release+json';

const contentHash = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** A configuration of one client family and profile. It never changes; its id is the hash of its canonical bytes. */
export const artifactSchema = z.strictObject({
  type: z.literal('tutti.config.artifact/1'),
  client_id: z.string(),
  profile: z.string(),
  /** The JSON value that the client parses out of `text`. */
  payload: z.json(),
  /** Exactly what is to be written. */
  text: z.string(),
  format: z.string(),
  schema_ref: z.string(),
  version: z.string(),
  /** `name@version`, or `none`. */
  policy_set_id: z.string(),
  provenance: z.strictObject({
    publisher_id: z.string(),
    tooling_version: z.string(),
    draft_hash: contentHash,
    sources: z.array(z.string()),
    policy_evaluated_at: z.string(),
    policy_inputs: z.record(z.string(), z.json()),
  }),
});
export type Artifact = z.output<typeof artifactSchema>;

const cohortSchema = z.union([
  z.literal('all'),
  z.strictObject({ id: z.string(), percentage: z.number().int().min(0).max(100) }),
]);

/** The word that says which artifact is current, for whom, and for how long. */
export const statementSchema = z.strictObject({
  type: z.literal('tutti.config.release/1'),
  tenant: z.string(),
  client_id: z.string(),
  profile: z.string(),
  cohort: cohortSchema,
  /** Rises with every statement of a tenant, client and profile. */
  sequence: z.number().int().min(1),
  artifact_id: contentHash,
  changelog: z.string(),
  issued_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
});
export type Statement = z.output<typeof statementSchema>;

/** A document as it is stored: its bytes and its id. */
export function sealed(document: Artifact | Statement): { readonly bytes: Buffer; readonly id: string } {
  const bytes = canonicalBytes(document);
  return { bytes, id: contentId(bytes) };
}
