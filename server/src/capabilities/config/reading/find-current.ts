import { inCohort } from '@tutti/client/verify';
import semver from 'semver';
import { noClient, noProfile, notPublished, schemaIncompatible } from '../errors.ts';
import { schemaCohort } from '../releases/store.ts';
import type { Place, Standing } from './standing.ts';
import type { StandingRelease } from './store.ts';

export interface Wanted {
  readonly client_id: string;
  readonly profile: string;
  /** The random id that the client keeps: with it, it takes part in rollouts. */
  readonly client_fingerprint?: string | undefined;
  /** Schemas that the client reads, as references or ranges of versions; empty for all. */
  readonly accept_schemas?: readonly string[] | undefined;
}

export interface Current {
  readonly release: StandingRelease;
  /** False for an older one, whose schema the client reads. */
  readonly current: boolean;
}

/** What is current for a client: its cohort's artifact, or all's; an older one where only that has a schema that it reads. */
export function findCurrent(standing: Standing, wanted: Wanted): Current {
  const { client_id: client, profile, accept_schemas: accepted = [] } = wanted;
  const place = standing.at(client, profile);
  const release = ofRollout(place, wanted) ?? place.releases.find(({ cohort }) => cohort === 'all');
  if (!release) {
    if (!standing.family(client)) throw noClient(client);
    throw place.profile ? notPublished(client, profile) : noProfile(client, profile);
  }
  if (accepted.length === 0 || accepts(accepted, release)) return { release, current: true };
  const others = newestBySchema(place);
  const older = others.find((one) => accepts(accepted, one));
  if (!older) throw schemaIncompatible(accepted, [...new Set(others.map(({ schema_ref }) => schema_ref))]);
  return { release: older, current: false };
}

/** The statement for the rollout under way, where this client belongs to its cohort. */
function ofRollout(
  { rollout, releases }: Place,
  { client_fingerprint: fingerprint }: Wanted,
): StandingRelease | undefined {
  if (fingerprint === undefined || !rollout) return undefined;
  const { rollout_id: id, percentage } = rollout;
  return inCohort({ id, percentage }, fingerprint) ? releases.find(({ cohort }) => cohort === id) : undefined;
}

/** For each schema that was ever released to all, its newest statement, the newest first. */
function newestBySchema({ releases }: Place): StandingRelease[] {
  const ofAll = releases.filter(
    ({ cohort, schema_version }) => cohort === 'all' || cohort === schemaCohort(schema_version),
  );
  return [...Map.groupBy(ofAll, ({ schema_ref }) => schema_ref).values()].flatMap(([newest]) => newest ?? []);
}

function accepts(accepted: readonly string[], { schema_ref, schema_version }: StandingRelease): boolean {
  return accepted.some(
    (one) => one === schema_ref || one.endsWith(schema_ref) || semver.satisfies(schema_version, one),
  );
}
