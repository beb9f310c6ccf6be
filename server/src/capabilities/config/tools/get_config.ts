import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { requireFor } from '../bound.ts';
import { artifactSchema } from '../contract.ts';
import { acceptSchemas, clientId, fingerprint, profileName } from '../fields.ts';
import type { Figures } from '../figures.ts';
import type { Reader } from '../reading/reader.ts';
import { staleField, staleSince } from '../reading/stale.ts';

export const getConfig = (reader: Reader, figures: Figures) =>
  tool({
    name: 'get_config',
    title: 'Get a configuration',
    description:
      'Tutti config: the signed configuration that is current for a client family and profile, ready to be written, with the statement that makes it current. Verify both signatures before you use it (docs/config.md). To ask only whether yours is current use diff_config.',
    toolset: 'config',
    effect: 'read',
    scope: 'config:read',
    common: true,
    fromMemory: true,
    input: {
      client_id: clientId,
      profile: profileName,
      client_fingerprint: fingerprint.optional(),
      accept_schemas: acceptSchemas,
      inputs: z
        .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,127}$/, 'must be the name of an input, never a value'))
        .max(200)
        .optional()
        .describe(
          'Names of the inputs that will be given when it is applied: names only. The answer says which are missing.',
        ),
      with_signed_bytes: z
        .boolean()
        .default(false)
        .describe('Whether to answer the bytes that are signed as well, for those who verify with openssl.'),
    },
    output: artifactSchema.extend({
      current: z.boolean().describe('False for an older release, whose schema the client accepts.'),
      missing_inputs: z.array(z.string()).describe('Ids of the inputs that it needs and `inputs` does not name.'),
      signed_bytes: z
        .looseObject({
          artifact: z.string().describe('Canonical bytes of the artifact, base64.'),
          release: z.string().describe('Canonical bytes of the statement, base64.'),
        })
        .optional()
        .describe('What the signatures are over, within the encoding of DSSE.'),
      ...staleField,
    }),
    async run({ inputs = [], with_signed_bytes, ...wanted }, { principal }) {
      requireFor(principal, 'config:read', wanted);
      const { config, release, current } = await figures.fetched(async () => {
        const found = await reader.current(wanted);
        return { ...found, ...(await reader.config(found)) };
      });
      const given = new Set(inputs);
      const missing = release.inputs.filter(({ id, env }) => !given.has(id) && !given.has(env));
      return {
        ...config,
        current,
        missing_inputs: missing.map(({ id }) => id),
        ...(with_signed_bytes && {
          signed_bytes: {
            artifact: (await reader.document(release.artifact_id))?.bytes.toString('base64') ?? '',
            release: release.bytes.toString('base64'),
          },
        }),
        ...staleSince(reader),
      };
    },
  });
