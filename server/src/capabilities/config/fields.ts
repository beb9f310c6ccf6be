import { z } from 'zod';

/** Fields that the inputs of several tools share. */
export const clientId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be the id of a client family such as cursor')
  .describe('The client family, one of list_clients.');

export const profileName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be a short name such as prod')
  .describe('The profile, one of list_profiles.');

export const contentHash = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 hex digits');

export const policySet = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}(@[1-9][0-9]{0,6})?$/, 'must be name@version, a name, or none')
  .describe('The policy set, name@version; a name alone means its newest version. By default that of the profile.');

export const changelogText = z.string().min(1).max(2000).describe('What changed, for those who get it.');

export const semanticVersion = z
  .string()
  .max(100)
  .regex(
    /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/,
    'must be a semantic version such as 1.2.0',
  );

export const fingerprint = z
  .string()
  .regex(/^[A-Za-z0-9_-]{16,128}$/, 'must be 16 to 128 letters, digits, - and _')
  .describe('A random id that the client made and keeps. It says nothing of a person.');

export const acceptSchemas = z
  .array(z.string().min(1).max(200))
  .max(50)
  .optional()
  .describe(
    'Schemas that the client reads: references, or ranges of versions such as ^1. An older release that has one is answered where the current one has none.',
  );

export const draftId = z.string().max(100).describe('Id of the draft, such as dft_01j….');

export const time = z.iso.datetime({ offset: true }).optional();

/** A JSON value, or the text of one, which is then read strictly. */
export const payloadField = z
  .union([
    z.record(z.string(), z.unknown()),
    z.array(z.unknown()),
    z
      .string()
      .min(1)
      .max(2 ** 20),
  ])
  .describe(
    'For a family that Tutti renders: {inputs, servers} in the neutral form, where a server may be {"ref": "<name>@<version>"} of the catalogue. For any other: the configuration itself. JSON, or its text.',
  );

export const draftFields = {
  changelog: changelogText.optional(),
  version: semanticVersion.optional().describe('Version of the artifact; by default the next patch.'),
  schema_version: semanticVersion.optional().describe('Version of the schema of the family; by default its newest.'),
  rollout_percentage: z
    .int()
    .min(1)
    .max(99)
    .optional()
    .describe('Release it to this part of the clients only; set_config_rollout goes on from there.'),
};
