import { sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';

/** An index whose dataset is gone, as its row was. */
export interface LeftIndex {
  readonly id: string;
  readonly dataset_id: string;
  readonly target: string;
  /** The row of `dataset_indexes`. */
  readonly entry: Readonly<Record<string, unknown>>;
}

/** Remembers what a dataset's indexes were, for the collector to drop: their rows go with the dataset. */
export async function leaveIndexes(tx: Db, datasetId: string): Promise<void> {
  await sql`
    insert into lake_left_indexes (id, dataset_id, target, entry)
    select id, dataset_id, target, to_jsonb(i) from dataset_indexes i where dataset_id = ${datasetId}
    on conflict do nothing`.execute(tx);
}

/** Gives up the indexes of a version that nobody searches; the sweep drops them. */
export async function giveUpIndexes(tx: Db, datasetId: string, version: string): Promise<void> {
  await sql`
    update dataset_indexes set state = 'failed'
    where dataset_id = ${datasetId} and version = ${version} and state <> 'served'`.execute(tx);
}

/** Indexes that were left before a time, oldest first. */
export async function listLeftIndexes(db: Db, before: Date): Promise<LeftIndex[]> {
  const { rows } = await sql<LeftIndex>`
    select id, dataset_id, target, entry from lake_left_indexes where created_at < ${before} order by created_at`.execute(
    db,
  );
  return rows;
}

export async function forgetLeftIndex(db: Db, id: string): Promise<void> {
  await sql`delete from lake_left_indexes where id = ${id}`.execute(db);
}

/** Served indexes of a dataset, all or those of one version. */
export async function listServed(
  db: Db,
  datasetId: string,
  version?: string,
): Promise<{ id: string; target: string; version: string }[]> {
  const { rows } = await sql<{ id: string; target: string; version: string }>`
    select id, target, version from dataset_indexes
    where dataset_id = ${datasetId} and state = 'served' and (${version ?? null}::text is null or version = ${version ?? null})
    order by id`.execute(db);
  return rows;
}

/** A manifest counts as kept while a version or a commit names it, and for a while after it was made. */
const isKept = (cutoff: Date) => sql<boolean>`(
  m.created_at >= ${cutoff}
  or exists (select from dataset_versions v where v.manifest_id = m.id)
  or exists (select from lake_commits c where c.manifest_id = m.id))`;

/** Manifests that nobody names. */
export async function listLooseManifests(
  db: Db,
  cutoff: Date,
  limit: number,
): Promise<{ id: string; bytes: number }[]> {
  const { rows } = await sql<{ id: string; bytes: number }>`
    select id, bytes from lake_manifests m where not ${isKept(cutoff)} order by id limit ${limit}`.execute(db);
  return rows;
}

/** Deletes those of these manifests that still nobody names; answers how many. */
export async function deleteLooseManifests(tx: Db, ids: readonly string[], cutoff: Date): Promise<number> {
  const result = await sql`
    delete from lake_manifests m where id = any(${[...ids]}::text[]) and not ${isKept(cutoff)}`.execute(tx);
  return Number(result.numAffectedRows ?? 0);
}

/** Which of these hashes nobody speaks of: no manifest that is kept, no commit that runs, and no other capability. */
export async function findLooseBytes(db: Db, hashes: readonly string[], cutoff: Date): Promise<string[]> {
  const { rows } = await sql<{ sha256: string }>`
    select sha256 from unnest(${[...hashes]}::text[]) as asked (sha256)
    where not exists (
        select from lake_manifest_objects o join lake_manifests m on m.id = o.manifest_id
        where o.sha256 = asked.sha256 and ${isKept(cutoff)})
      and not exists (select from lake_commit_objects c where c.sha256 = asked.sha256)
      and not exists (select from lake_export_files e where e.sha256 = asked.sha256)
      and not exists (select from object_holds h where h.sha256 = asked.sha256)`.execute(db);
  return rows.map((row) => row.sha256);
}
