import { z } from 'zod';
import type { ListedRelease } from './store.ts';

/** A release as lists show it. */
export const listedReleaseSchema = z.looseObject({
  release_id: z.string().describe('Id of the release.'),
  artifact_id: z.string().describe('The artifact that it made current.'),
  client_id: z.string().describe('The client family.'),
  profile: z.string().describe('The profile.'),
  version: z.string().describe('Version of the artifact.'),
  cohort: z.string().describe('all, the id of a rollout, or schema:<version> for those who read no newer one.'),
  percentage: z.number().optional().describe('Of a rollout: its part of the clients.'),
  sequence: z.number().describe('Sequence of the statement.'),
  status: z
    .string()
    .describe(
      'current, expired or superseded; of a rollout, for its cohort, and once it is not active: paused, promoted or aborted.',
    ),
  kind: z.string().describe('Why: publish, rollout, promote, pause, abort, resume, revert or renew.'),
  changelog: z.string().describe('What changed.'),
  schema_ref: z.string().describe('The schema of the artifact.'),
  policy_set_id: z.string().describe('The policy set that it passed.'),
  publisher_id: z.string().describe('Who drafted it.'),
  released_by: z.string().describe('Who released it.'),
  issued_at: z.string().describe('When.'),
  expires_at: z.string().describe('Until when the statement holds.'),
});

export function showListed(row: ListedRelease, now = new Date()): z.output<typeof listedReleaseSchema> {
  const { release_id, artifact_id, client_id, profile, version, cohort, percentage, sequence } = row;
  const { kind, changelog, schema_ref, policy_set_id, publisher_id, released_by, issued_at, expires_at } = row;
  return {
    release_id,
    artifact_id,
    client_id,
    profile,
    version,
    cohort,
    ...(percentage !== null && { percentage }),
    sequence,
    status: statusOf(row, now),
    kind,
    changelog,
    schema_ref,
    policy_set_id,
    publisher_id,
    released_by,
    issued_at: issued_at.toISOString(),
    expires_at: expires_at.toISOString(),
  };
}

function statusOf({ newest, rollout_state, expires_at }: ListedRelease, now: Date): string {
  if (!newest) return 'superseded';
  if (rollout_state !== null && rollout_state !== 'active') return rollout_state;
  return expires_at <= now ? 'expired' : 'current';
}
