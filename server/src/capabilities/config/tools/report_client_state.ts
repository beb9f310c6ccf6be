import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import type { Keys } from '../../../core/keys.ts';
import { tool } from '../../../core/tool.ts';
import { requireFor } from '../bound.ts';
import { noArtifact } from '../errors.ts';
import { clientId, contentHash, fingerprint, profileName } from '../fields.ts';
import { putReport } from '../inventory/store.ts';
import { requireProfile } from '../releases/make-body.ts';
import { findArtifact } from '../releases/store.ts';

const skewMs = 86_400_000;

export const reportClientState = (keys: Keys) =>
  tool({
    name: 'report_client_state',
    title: 'Report what was applied',
    description:
      'Tutti config: a client says which configuration it applied and how that went; the last word of each counts. Nothing of it tells who the client is: its random id is kept only as a keyed hash. The counts are in get_config_inventory.',
    toolset: 'config',
    effect: 'write',
    scope: 'config:write',
    input: {
      client_fingerprint: fingerprint,
      client_id: clientId,
      profile: profileName,
      artifact_id: contentHash.describe('The artifact that was applied, or refused.'),
      applied_at: z.iso.datetime({ offset: true }).optional().describe('When; by default now.'),
      result: z.enum(['applied', 'failed', 'refused', 'reverted', 'drifted']).describe('How it went.'),
    },
    output: z.looseObject({ ack: z.boolean().describe('True: it was noted.') }),
    async run({ client_fingerprint, client_id, profile, artifact_id, applied_at, result }, { db, principal }) {
      requireFor(principal, 'config:write', { client_id, profile });
      await requireProfile(db, client_id, profile);
      const artifact = await findArtifact(db, artifact_id);
      if (artifact?.client_id !== client_id || artifact.profile !== profile) throw noArtifact(artifact_id);
      const at = applied_at === undefined ? new Date() : new Date(applied_at);
      const now = new Date();
      if (at.getTime() > now.getTime() + skewMs) throw inFuture();
      // Bound to client and profile, so that nobody is followed from one to another.
      const print = keys.sign('config-report', JSON.stringify([client_id, profile, client_fingerprint]));
      await putReport(db, {
        client_id,
        profile,
        fingerprint: print,
        artifact_id,
        applied_at: at > now ? now : at,
        result,
      });
      return { ack: true };
    },
  });

function inFuture(): AppError {
  return new AppError('VALIDATION_FAILED', 'applied_at lies in the future.', 'Set the clock, or leave applied_at out.');
}
