import semver from 'semver';
import type { Db } from '../../../core/db/database.ts';
import { noProfile, notPublished, schemaIncompatible } from '../errors.ts';
import { requireFamily } from '../families/find.ts';
import { inCohort } from '../integrity/cohort.ts';
import { findProfile } from '../profiles/store.ts';
import { openRollout } from '../rollouts/store.ts';
import { type ArtifactRow, currentRelease, findArtifact, newestBySchema, type ReleaseRow } from './store.ts';

export interface Wanted {
  readonly client_id: string;
  readonly profile: string;
  /** The random id that the client keeps: with it, it takes part in rollouts. */
  readonly client_fingerprint?: string | undefined;
  /** Schemas that the client reads, as references or ranges of versions; empty for all. */
  readonly accept_schemas?: readonly string[] | undefined;
}

export interface Found {
  readonly release: ReleaseRow;
  readonly artifact: ArtifactRow;
  /** False for an older one, whose schema the client reads. */
  readonly current: boolean;
}

/** What is current for a client: its cohort's artifact, or all's; an older one where only that has a schema that it reads. */
export async function findCurrent(db: Db, wanted: Wanted): Promise<Found> {
  const { client_id: client, profile, accept_schemas: accepted = [] } = wanted;
  const release = (await ofRollout(db, wanted)) ?? (await currentRelease(db, { client, profile, cohort: 'all' }));
  if (!release) {
    await requireFamily(db, client);
    throw (await findProfile(db, client, profile)) ? notPublished(client, profile) : noProfile(client, profile);
  }
  const artifact = await artifactOf(db, release);
  if (accepted.length === 0 || accepts(accepted, artifact)) return { release, artifact, current: true };
  const others = await newestBySchema(db, client, profile);
  const older = others.find((one) => accepts(accepted, one));
  if (!older) throw schemaIncompatible(accepted, [...new Set(others.map(({ schema_ref }) => schema_ref))]);
  return { release: older, artifact: await artifactOf(db, older), current: false };
}

/** The statement for the rollout under way, where this client belongs to its cohort. */
async function ofRollout(db: Db, wanted: Wanted): Promise<ReleaseRow | undefined> {
  const { client_id: client, profile, client_fingerprint: fingerprint } = wanted;
  if (fingerprint === undefined) return undefined;
  const rollout = await openRollout(db, client, profile);
  if (rollout?.state !== 'active') return undefined;
  const { rollout_id: id, percentage } = rollout;
  return inCohort({ id, percentage }, fingerprint) ? currentRelease(db, { client, profile, cohort: id }) : undefined;
}

export async function artifactOf(db: Db, release: Pick<ReleaseRow, 'artifact_id'>): Promise<ArtifactRow> {
  const found = await findArtifact(db, release.artifact_id);
  if (!found) throw new Error(`artifact ${release.artifact_id} of a release is gone`);
  return found;
}

function accepts(
  accepted: readonly string[],
  { schema_ref, schema_version }: Pick<ArtifactRow, 'schema_ref' | 'schema_version'>,
): boolean {
  return accepted.some(
    (one) => one === schema_ref || one.endsWith(schema_ref) || semver.satisfies(schema_version, one),
  );
}
