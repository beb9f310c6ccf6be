import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { tool } from '../../../core/tool.ts';
import { requireFor } from '../bound.ts';
import { acceptSchemas, clientId, contentHash, fingerprint, profileName } from '../fields.ts';
import { type Artifact, artifactType } from '../integrity/documents.ts';
import { patchBetween } from '../integrity/json-patch.ts';
import type { KeptDocument } from '../reading/documents.ts';
import type { Reader } from '../reading/reader.ts';
import { staleField, staleSince } from '../reading/stale.ts';
import type { StandingRelease } from '../reading/store.ts';
import { read } from '../releases/show.ts';

export const diffConfig = (reader: Reader) =>
  tool({
    name: 'diff_config',
    title: 'Compare a configuration',
    description:
      'Tutti config: says whether the configuration that a client has is current, by its artifact_id or payload_hash, and what changed since. For the configuration itself use get_config; to hear of changes poll_config_changes.',
    toolset: 'config',
    effect: 'read',
    scope: 'config:read',
    fromMemory: true,
    input: {
      client_id: clientId,
      profile: profileName,
      current_artifact_id: contentHash.optional().describe('The artifact_id that the client has.'),
      payload_hash: contentHash.optional().describe('Or the hash of the payload that it has.'),
      client_fingerprint: fingerprint.optional(),
      accept_schemas: acceptSchemas,
      with_patch: z
        .boolean()
        .default(false)
        .describe('Whether to answer the patch from current_artifact_id to the latest. Verify what it gives.'),
    },
    output: z.looseObject({
      status: z.string().describe('up-to-date or outdated.'),
      latest_artifact_id: z
        .string()
        .describe('The artifact that is current, as get_config answers it for the same client.'),
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
      ...staleField,
    }),
    async run({ current_artifact_id, payload_hash, with_patch, ...wanted }, { principal }) {
      requireFor(principal, 'config:read', wanted);
      if ((current_artifact_id === undefined) === (payload_hash === undefined)) {
        throw new AppError(
          'VALIDATION_FAILED',
          'Say what the client has: either current_artifact_id or payload_hash.',
          'Take both from the last get_config and give one of them.',
        );
      }
      const { release } = await reader.current(wanted);
      const { artifact_id } = release;
      const same = current_artifact_id === artifact_id || payload_hash === release.payload_hash;
      const patch = with_patch && current_artifact_id ? await patchTo(reader, release, current_artifact_id) : undefined;
      return {
        status: same ? 'up-to-date' : 'outdated',
        latest_artifact_id: artifact_id,
        latest_payload_hash: release.payload_hash,
        version: release.version,
        sequence: release.sequence,
        issued_at: release.issued_at.toISOString(),
        expires_at: release.expires_at.toISOString(),
        changelog: release.changelog,
        publisher_id: release.publisher_id,
        policy_set_id: release.policy_set_id,
        ...(patch && { patch: patch.map((one) => ({ ...one })) }),
        ...staleSince(reader),
      };
    },
  });

/** From the payload of an artifact of the same client and profile to the current one; undefined where that is not known here. */
async function patchTo(reader: Reader, { artifact_id, client_id, profile }: StandingRelease, from: string) {
  const [before, after] = [await found(reader, from), await reader.document(artifact_id)];
  if (!after || before?.type !== artifactType || before.client_id !== client_id || before.profile !== profile) {
    return undefined;
  }
  const payload = ({ bytes }: KeptDocument, id: string) => read<Artifact>(bytes, id).payload;
  return patchBetween(payload(before, from), payload(after, artifact_id));
}

/** A document, unless it is not in memory while the database is away. */
async function found(reader: Reader, id: string): Promise<KeptDocument | undefined> {
  return reader.knownDocument(id) ?? (reader.staleSince() ? undefined : reader.document(id));
}
