import { sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';

export interface VersionIndex {
  readonly id: string;
  readonly target: string;
  readonly state: string;
  readonly version: string;
  readonly created_at: string;
}

/** The indexes that were built of these versions, oldest first. */
export async function versionIndexes(db: Db, datasetId: string, versions: readonly string[]): Promise<VersionIndex[]> {
  const { rows } = await sql<Omit<VersionIndex, 'created_at'> & { created_at: Date }>`
    select id, target, state, version, created_at from dataset_indexes
    where dataset_id = ${datasetId} and version = any(${[...versions]}::text[]) order by id`.execute(db);
  return rows.map((row) => ({ ...row, created_at: row.created_at.toISOString() }));
}

export async function findIndexVersion(db: Db, datasetId: string, id: string): Promise<string | undefined> {
  const { rows } = await sql<{ version: string }>`
    select version from dataset_indexes where dataset_id = ${datasetId} and id = ${id}`.execute(db);
  return rows[0]?.version;
}

export interface VersionJob {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly version: string;
  readonly principal_id: string;
  readonly created_at: string;
}

/** The jobs that worked on these versions, as long as they are kept, oldest first. At most `limit`. */
export async function versionJobs(
  db: Db,
  datasetId: string,
  versions: readonly string[],
  { limit, unfinished = false }: { readonly limit: number; readonly unfinished?: boolean },
): Promise<VersionJob[]> {
  const { rows } = await sql<Omit<VersionJob, 'created_at'> & { created_at: Date }>`
    select id, kind, state, principal_id, created_at, of_version as version
    from jobs cross join lateral (
      select coalesce(input ->> 'version', metadata ->> 'version', metadata -> 'report' ->> 'version') as of_version) v
    where dataset_id = ${datasetId} and toolset = 'lake' and of_version = any(${[...versions]}::text[])
      and (finished_at is null or not ${unfinished})
    order by id limit ${limit}`.execute(db);
  return rows.map((row) => ({ ...row, created_at: row.created_at.toISOString() }));
}

/** What became of an object in each of these manifests: nothing is said of a manifest that has no such object. */
export async function objectInManifests(
  db: Db,
  manifestIds: readonly string[],
  key: string,
): Promise<Map<string, { sha256: string; size: number }>> {
  const { rows } = await sql<{ manifest_id: string; sha256: string; size: number }>`
    select manifest_id, sha256, size from lake_manifest_objects
    where manifest_id = any(${[...manifestIds]}::text[]) and key = ${key}`.execute(db);
  return new Map(rows.map(({ manifest_id, sha256, size }) => [manifest_id, { sha256, size }]));
}
