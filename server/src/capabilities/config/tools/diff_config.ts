import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { tool } from '../../../core/tool.ts';
import { requireFor } from '../bound.ts';
import { clientId, contentHash, fingerprint, profileName } from '../fields.ts';
import type { Artifact } from '../integrity/documents.ts';
import { patchBetween } from '../integrity/json-patch.ts';
import { findCurrent } from '../releases/find-current.ts';
import { read } from '../releases/show.ts';
import { findArtifact } from '../releases/store.ts';

export const diffConfig = () =>
  tool({
    name: 'diff_config',
    title: 'Compare a configuration',
    description:
      'Tutti config: says whether the configuration that a client has is current, by its artifact_id or payload_hash, and what changed since. For the configuration itself use get_config; to hear of changes poll_config_changes.',
    toolset: 'config',
    effect: 'read',
    scope: 'config:read',
    input: {
      client_id: clientId,
      profile: profileName,
      current_artifact_id: contentHash.optional().describe('The artifact_id that the client has.'),
      payload_hash: contentHash.optional().describe('Or the hash of the payload that it has.'),
      client_fingerprint: fingerprint.optional(),
      with_patch: z
        .boolean()
        .default(false)
        .describe('Whether to answer the patch from current_artifact_id to the latest. Verify what it gives.'),
    },
    output: z.looseObject({
      status: z.string().describe('up-to-date or outdated.'),
      latest_artifact_id: z.string().describe('The artifact that is current.'),
      latest_payload_hash: z.string().describe('The hash of its payload.'),
      version: z.string().describe('Its version.'),
      sequence: z.number().describe('Sequence of the statement that makes it current.'),
      issued_at: z.string().describe('When that was issued.'),
      expires_at: z.string().describe('Until when it holds.'),
      changelog: z.string().describe('What changed.'),
      publisher_id: z.string().describe('Who drafted it.'),
      policy_set_id: z.string().describe('The policy set that it passed.'),
      patch: z
        .array(z.looseObject({ op: z.string().describe('Operation.'), path: z.string().describe('Where.') }))
        .optional()
        .describe(
          'From the payload of current_artifact_id to the latest (RFC 6902); absent when that is not known here.',
        ),
    }),
    async run({ current_artifact_id, payload_hash, with_patch, ...wanted }, { db, principal }) {
      requireFor(principal, 'config:read', wanted);
      if ((current_artifact_id === undefined) === (payload_hash === undefined)) {
        throw new AppError(
          'VALIDATION_FAILED',
          'Say what the client has: either current_artifact_id or payload_hash.',
          'Take both from the last get_config and give one of them.',
        );
      }
      const { artifact, release } = await findCurrent(db, wanted);
      const same = current_artifact_id === artifact.artifact_id || payload_hash === artifact.payload_hash;
      const before = with_patch && current_artifact_id ? await findArtifact(db, current_artifact_id) : undefined;
      const known = before?.client_id === artifact.client_id && before.profile === artifact.profile;
      const payload = (row: typeof artifact) => read<Artifact>(row.bytes, row.artifact_id).payload;
      return {
        status: same ? 'up-to-date' : 'outdated',
        latest_artifact_id: artifact.artifact_id,
        latest_payload_hash: artifact.payload_hash,
        version: artifact.version,
        sequence: release.sequence,
        issued_at: release.issued_at.toISOString(),
        expires_at: release.expires_at.toISOString(),
        changelog: release.changelog,
        publisher_id: artifact.publisher_id,
        policy_set_id: artifact.policy_set_id,
        ...(known && { patch: patchBetween(payload(before), payload(artifact)).map((one) => ({ ...one })) }),
      };
    },
  });
