import { sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import { changedSince } from '../../../core/events/store.ts';
import type { Signature } from '../integrity/sign.ts';
import type { ArtifactRow, ReleaseRow } from '../releases/store.ts';
import type { Rollout } from '../rollouts/store.ts';

/** A statement that somebody may be answered now, and its artifact but for the bytes. */
export type StandingRelease = Omit<ReleaseRow, 'approvals'> &
  Pick<ArtifactRow, 'payload_hash' | 'schema_ref' | 'schema_version' | 'version' | 'policy_set_id' | 'publisher_id'> &
  Pick<ArtifactRow, 'inputs'>;

/** What stands is looked for by index, however long the history is: it is read anew at each release. */
export const readingMigrations: Migrations = {
  'config.0009-reading': sqlMigration(`
    create index if not exists config_artifacts_schemas on config_artifacts (client_id, profile, schema_ref, schema_version);`),
};

/** The newest statement of all, of each rollout that is active, and of each schema. */
export async function standingReleases(db: Db): Promise<StandingRelease[]> {
  const { rows } = await sql<StandingRelease>`
    with schemas as (select distinct client_id, profile, schema_ref, schema_version from config_artifacts),
    standing as (
      select newest.release_id from config_profiles p cross join lateral (
        select release_id from config_releases
        where client_id = p.client_id collate "default" and profile = p.profile collate "default" and cohort = 'all'
        order by sequence desc limit 1) as newest
      union
      select newest.release_id from config_rollouts o cross join lateral (
        select release_id from config_releases
        where client_id = o.client_id and profile = o.profile and cohort = o.rollout_id collate "default"
        order by sequence desc limit 1) as newest
      where o.state = 'active'
      union
      select newest.release_id from schemas s cross join lateral (
        select n.release_id from config_releases n join config_artifacts b using (artifact_id)
        where n.client_id = s.client_id and n.profile = s.profile and b.schema_ref = s.schema_ref
          and n.cohort in ('all', 'schema:' || s.schema_version)
        order by n.sequence desc limit 1) as newest
    )
    select r.release_id, r.statement_id, r.client_id, r.profile, r.cohort, r.percentage, r.sequence, r.artifact_id, r.bytes,
      r.kind, r.changelog, r.issued_at, r.expires_at, r.released_by, r.released_by_name, r.signer_key_id, r.draft_id,
      r.audit_subject, a.payload_hash, a.schema_ref, a.schema_version, a.version, a.policy_set_id, a.publisher_id, a.inputs
    from standing join config_releases r using (release_id) join config_artifacts a using (artifact_id)
    order by r.sequence desc`.execute(db);
  return rows;
}

export async function activeRollouts(db: Db): Promise<Rollout[]> {
  const { rows } = await sql<Rollout>`select * from config_rollouts where state = 'active'`.execute(db);
  return rows;
}

export type KeptSignature = Signature & { readonly document_id: string };

/** The signatures of documents, the newest first. */
export async function signaturesOf(db: Db, documents: readonly string[]): Promise<KeptSignature[]> {
  const { rows } = await sql<KeptSignature>`
    select document_id, alg, value, key_id from config_signatures where document_id = any(${[...documents]}::text[])
    order by signed_at desc`.execute(db);
  return rows;
}

/** How many bytes artifacts have, so that a reader may stop before there are too many. */
export async function artifactSizes(db: Db, ids: readonly string[]): Promise<{ id: string; bytes: number }[]> {
  const { rows } = await sql<{ id: string; bytes: number }>`
    select artifact_id as id, octet_length(bytes) as bytes from config_artifacts
    where artifact_id = any(${[...ids]}::text[])`.execute(db);
  return rows;
}

/** The transactions that a snapshot does not show yet begin here. */
export async function horizonOf(db: Db): Promise<string> {
  return (await changedSince(db, '0', [])).horizon;
}
