import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { artifactType, releaseType } from '../integrity/documents.ts';
import type { SigningKeys } from '../releases/signing-keys.ts';

export const listSigningKeys = (keys: SigningKeys) =>
  tool({
    name: 'list_signing_keys',
    title: 'List signing keys',
    description:
      'Tutti config: the public keys that configurations are verified with. Take them once, over a way that you trust, and keep them: a key that comes along with what it signed proves nothing. rotate_signing_key makes a new one.',
    toolset: 'config',
    effect: 'read',
    scope: 'config:read',
    fromMemory: true,
    input: {},
    output: z.looseObject({
      items: z
        .array(
          z.looseObject({
            key_id: z.string().describe('Id of the key: a fingerprint of its public half.'),
            alg: z.string().describe('The one algorithm that it signs with.'),
            public_key: z.string().describe('The public key, SPKI in PEM.'),
            state: z
              .string()
              .describe('current: signs what is new; next: will, after the next rotation; retired: only verifies.'),
          }),
        )
        .describe('The keys, the current one first.'),
      payload_types: z
        .looseObject({
          artifact: z.string().describe('Of an artifact.'),
          release: z.string().describe('Of a statement.'),
        })
        .describe('What stands in the encoding (DSSE) that is signed.'),
    }),
    async run() {
      const prepared = keys.prepared();
      const items = keys.trusted().map(({ key_id, alg, public_key }, at) => ({
        key_id,
        alg,
        public_key,
        state: at === 0 ? 'current' : key_id === prepared ? 'next' : 'retired',
      }));
      return { items, payload_types: { artifact: artifactType, release: releaseType } };
    },
  });
