import { z } from 'zod';
import { lockInTransaction } from '../../../core/db/database.ts';
import { signatureAlgorithms } from '../../../core/key-pair.ts';
import { tool } from '../../../core/tool.ts';
import { requireEverywhere } from '../bound.ts';
import { signCurrent } from '../releases/renew.ts';
import type { SigningKeys } from '../releases/signing-keys.ts';

export const rotateSigningKey = (keys: SigningKeys) =>
  tool({
    name: 'rotate_signing_key',
    title: 'Rotate the signing key',
    description:
      'Tutti config: makes a new key and signs all that is current with it as well; the keys before only verify from then on, or, with drop_old after a leak, hold no longer. Clients must be given the new public key (list_signing_keys) before they meet it.',
    toolset: 'config',
    effect: 'destroy',
    scope: 'config:policy',
    input: {
      alg: z
        .enum(signatureAlgorithms)
        .optional()
        .describe('What the new key signs with; by default as the one before.'),
      drop_old: z.boolean().default(false).describe('Whether nothing that only older keys signed holds any longer.'),
    },
    output: z.looseObject({
      key_id: z.string().describe('Id of the new key.'),
      alg: z.string().describe('What it signs with.'),
      public_key: z.string().describe('Its public half, SPKI in PEM.'),
      signed: z.number().describe('Documents that it signed: artifacts and statements that are current.'),
    }),
    async run({ alg, drop_old }, { db, principal }) {
      requireEverywhere(principal, 'config:policy');
      await lockInTransaction(db, 'config.rotate');
      const { signing, trusted, keep } = keys.next(alg);
      // What the keys before signed, and nothing else, is signed anew; only then the new one counts.
      const signed = await signCurrent(db, signing, keys.trusted());
      keep({ dropOld: drop_old });
      const { key_id, alg: made, public_key } = trusted;
      return { key_id, alg: made, public_key, signed };
    },
  });
