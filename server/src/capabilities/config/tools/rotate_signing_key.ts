import { z } from 'zod';
import { lockInTransaction } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
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
      'Tutti config: signs all that is current with a new key as well; the keys before only verify from then on, or, with drop_old after a leak, hold no longer. Clients that know only keys before refuse what comes then: make it known with prepare, hand its public half out (list_signing_keys), and rotate when all have it.',
    toolset: 'config',
    effect: 'destroy',
    scope: 'config:policy',
    input: {
      alg: z
        .enum(signatureAlgorithms)
        .optional()
        .describe('What the new key signs with; by default as the one before.'),
      prepare: z
        .boolean()
        .default(false)
        .describe('Whether the key is only made known; it signs nothing before the next rotation, which takes it.'),
      drop_old: z.boolean().default(false).describe('Whether nothing that only older keys signed holds any longer.'),
    },
    output: z.looseObject({
      key_id: z.string().describe('Id of the new key.'),
      alg: z.string().describe('What it signs with.'),
      public_key: z.string().describe('Its public half, SPKI in PEM.'),
      state: z.string().describe('current, or next: prepared.'),
      signed: z.number().describe('Documents that it signed: artifacts and statements that are current.'),
    }),
    async run({ alg, prepare, drop_old }, { db, principal }) {
      requireEverywhere(principal, 'config:policy');
      if (prepare && drop_old) throw bothWanted();
      await lockInTransaction(db, 'config.rotate');
      // Whoever took the current key had the prepared one beside it.
      const next = keys.next({ alg, fresh: drop_old });
      const { key_id, alg: made, public_key } = next.trusted;
      const answer = { key_id, alg: made, public_key };
      if (prepare) {
        next.prepare();
        return { ...answer, state: 'next', signed: 0 };
      }
      // What the keys before signed, and nothing else, is signed anew; only then the new one counts.
      const signed = await signCurrent(db, next.signing, keys.trusted());
      next.keep();
      return { ...answer, state: 'current', signed };
    },
    async settle(answer, { drop_old }) {
      // Not before the new signatures are committed: were that refused, nothing that is current would hold.
      if (drop_old) keys.dropOthers(answer.key_id);
      return answer;
    },
  });

function bothWanted(): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    'A key that is prepared drops none.',
    'After a leak give drop_old alone: it makes a key that nobody had.',
  );
}
