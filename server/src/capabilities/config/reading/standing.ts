import type { Db } from '../../../core/db/database.ts';
import { builtInFamilies, builtInFamily } from '../families/built-in.ts';
import type { Family } from '../families/family.ts';
import { putFamilies } from '../families/find.ts';
import { listProfiles, type Profile } from '../profiles/store.ts';
import type { Rollout } from '../rollouts/store.ts';
import {
  activeRollouts,
  horizonOf,
  type KeptSignature,
  type StandingRelease,
  signaturesOf,
  standingReleases,
} from './store.ts';

/** All that somebody may be answered now, as the database was at one moment. */
export interface Standing {
  /** Built-in ones, then those that were put. */
  readonly families: readonly Family[];
  /** By client and name. */
  readonly profiles: readonly Profile[];
  readonly releases: readonly StandingRelease[];
  family(client: string): Family | undefined;
  at(client: string, profile: string): Place;
  /** The signatures of a document that stands, the newest first. */
  signatures(document: string): readonly KeptSignature[];
  /** From where changes are to be looked for. */
  readonly horizon: string;
}

/** What stands for a client and profile. */
export interface Place {
  readonly profile?: Profile;
  /** The newest first. */
  readonly releases: readonly StandingRelease[];
  readonly rollout?: Rollout;
}

const nowhere: Place = { releases: [] };

/** Reads what stands, in one snapshot. */
export async function readStanding(db: Db): Promise<Standing> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      const horizon = await horizonOf(tx);
      const [put, profiles] = [await putFamilies(tx), await listProfiles(tx)];
      const [releases, rollouts] = [await standingReleases(tx), await activeRollouts(tx)];
      const documents = releases.flatMap(({ statement_id, artifact_id }) => [statement_id, artifact_id]);
      const signatures = Map.groupBy(await signaturesOf(tx, documents), ({ document_id }) => document_id);
      const families = new Map(put.map((family) => [family.client_id, family]));
      const places = placesOf(profiles, releases, rollouts);
      return {
        horizon,
        families: [...builtInFamilies, ...put],
        profiles,
        releases,
        family: (client) => builtInFamily(client) ?? families.get(client),
        at: (client, profile) => places.get(`${client}/${profile}`) ?? nowhere,
        signatures: (document) => signatures.get(document) ?? [],
      };
    });
}

function placesOf(
  profiles: readonly Profile[],
  releases: readonly StandingRelease[],
  rollouts: readonly Rollout[],
): ReadonlyMap<string, Place> {
  const keyOf = ({ client_id, profile }: { readonly client_id: string; readonly profile: string }) =>
    `${client_id}/${profile}`;
  const released = Map.groupBy(releases, keyOf);
  const rolled = new Map(rollouts.map((rollout) => [keyOf(rollout), rollout]));
  return new Map(
    profiles.map((profile) => {
      const key = keyOf(profile);
      const rollout = rolled.get(key);
      return [key, { profile, releases: released.get(key) ?? [], ...(rollout && { rollout }) }];
    }),
  );
}
