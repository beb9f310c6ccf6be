import { z } from 'zod';

const signatureSchema = z.looseObject({
  alg: z.string().describe('Ed25519, ECDSA-P256-SHA256 or ECDSA-P256-SHA512; more may come.'),
  value: z.string().describe('The signature, base64; of ECDSA in DER.'),
  key_id: z.string().describe('The key that signed, one of list_signing_keys.'),
});

const cohortSchema = z
  .looseObject({
    id: z.string().describe('Id of the rollout.'),
    percentage: z.number().describe('Part of the clients.'),
  })
  .describe('The rollout.');

const releaseSchema = z.looseObject({
  type: z.string().describe('The kind of document, tutti.config.release/1.'),
  tenant: z.string().describe('Whose Tutti said it.'),
  client_id: z.string().describe('The client family.'),
  profile: z.string().describe('The profile.'),
  cohort: z.union([z.string(), cohortSchema]).describe('For whom: all, or the part of the clients in a rollout.'),
  sequence: z.number().describe('Rises with every statement: a client takes none lower than it took before.'),
  artifact_id: z.string().describe('The artifact that is current.'),
  changelog: z.string().describe('What changed.'),
  issued_at: z.string().describe('When it was said.'),
  expires_at: z.string().describe('Until when it holds.'),
  statement_id: z.string().describe('sha256: and the hash of its canonical bytes.'),
  signature: signatureSchema.describe('Over its canonical bytes.'),
});

const namedInputSchema = z.looseObject({
  id: z.string().describe('Its name in the configuration.'),
  env: z.string().describe('The environment variable that holds its value, where the client reads variables.'),
  secret: z.boolean().describe('Whether its value is a secret.'),
  description: z.string().optional().describe('What to give.'),
});

/** A configuration as callers get it: what is signed, and beside it who signed. */
export const artifactSchema = z.looseObject({
  artifact_id: z.string().describe('sha256: and the hash of its canonical bytes.'),
  type: z.string().describe('The kind of document, tutti.config.artifact/1.'),
  client_id: z.string().describe('The client family.'),
  profile: z.string().describe('The profile.'),
  payload: z.unknown().describe('The configuration as the client parses it.'),
  text: z.string().describe('The configuration exactly as it is to be written.'),
  format: z.string().describe('Format of the text: json, jsonc, toml or yaml.'),
  schema_ref: z.string().describe('Where its schema is served for good.'),
  version: z.string().describe('Its version, semantic.'),
  issued_at: z.string().describe('When the statement was issued that makes it current.'),
  policy_set_id: z.string().describe('The policy set that it passed, name@version, or none.'),
  signature: signatureSchema.describe('Over its canonical bytes.'),
  provenance: z
    .looseObject({
      publisher_id: z.string().describe('Who drafted it.'),
      tooling_version: z.string().describe('What made it.'),
    })
    .describe('Who and what made it, of which draft and sources, and what policy was given.'),
  changelog: z.string().describe('What changed.'),
  payload_hash: z.string().describe('sha256: and the hash of the canonical payload.'),
  inputs: z.array(namedInputSchema).describe('What whoever applies it gives: names, never values.'),
  release: releaseSchema.describe('The signed statement that makes it current.'),
});

const problemSchema = z.looseObject({
  pointer: z.string().describe('Where: a JSON pointer (RFC 6901); empty for the whole.'),
  message: z.string().describe('What is wrong.'),
  severity: z.string().describe('error or warning.'),
});

const ruleEffect = z.looseObject({
  rule: z.string().describe('The rule.'),
  pointer: z.string().describe('Where.'),
  message: z.string().describe('What it did, or why it refuses.'),
});

/** What was found about a draft. */
export const reportSchema = z.looseObject({
  valid: z.boolean().describe('Whether it may be released.'),
  errors: z.array(problemSchema).describe('What keeps it from being released.'),
  warnings: z.array(problemSchema).describe('What may surprise.'),
  losses: z
    .array(
      z.looseObject({
        pointer: z.string().describe('Where in the draft.'),
        feature: z.string().describe('What the client cannot be told.'),
        why: z.string().describe('Why.'),
        severity: z.string().describe('error where the client would do something else than was meant, else warning.'),
      }),
    )
    .describe('What the client cannot be told.'),
  policy: z
    .looseObject({
      policy_set_id: z.string().describe('The policy set that ran, or none.'),
      effects: z.array(ruleEffect).describe('What rules changed, each with a patch (RFC 6902).'),
      denied: z.array(ruleEffect).describe('What rules refuse.'),
      unmet: z.array(ruleEffect).describe('What rules require and is missing.'),
    })
    .describe('What policy did.'),
  secrets: z
    .array(
      z.looseObject({
        pointer: z.string().describe('Where.'),
        rule: z.string().describe('What it looks like.'),
        excerpt: z.string().describe('Its first characters and its length.'),
      }),
    )
    .describe('What looks like a secret.'),
  payload_hash: z.string().optional().describe('Hash of what the client would read.'),
});
