import { type Selectable, sql } from 'kysely';
import { type Db, withoutNestedLoops } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import type { ManifestObject } from '../contract.ts';

type VersionTable = {
  dataset_id: string;
  version: string;
  manifest_id: string;
  parent: string | null;
  bytes: number;
  metadata: Record<string, unknown>;
  created_at: Date;
  /** The job that made it; null when its commit answered complete. */
  job_id: string | null;
};

type ManifestTable = { id: string; object_count: number; bytes: number; created_at: Date };

type ManifestObjectTable = {
  manifest_id: string;
  /** Sorted by its bytes, whatever the database's language. */
  key: string;
  size: number;
  sha256: string;
  content_type: string;
  last_modified: Date;
};

type Tables = {
  dataset_versions: VersionTable;
  lake_manifests: ManifestTable;
  lake_manifest_objects: ManifestObjectTable;
};

export type VersionRow = Selectable<VersionTable>;

/** Objects of a manifest are rows, for a version may have very many: a list or a difference reads only what it shows. */
export const versionMigrations: Migrations = {
  'lake.0002-manifests': sqlMigration(`
    create table if not exists lake_manifests (
      id text primary key,
      object_count bigint not null,
      bytes bigint not null,
      created_at timestamptz not null default now()
    );
    create table if not exists lake_manifest_objects (
      manifest_id text not null references lake_manifests (id) on delete cascade,
      key text collate "C" not null,
      size bigint not null,
      sha256 text not null,
      content_type text not null,
      last_modified timestamptz not null,
      primary key (manifest_id, key)
    );
    create index if not exists lake_manifest_objects_sha256 on lake_manifest_objects (sha256);
    do $$ begin
      if exists (
        select from information_schema.columns
        where table_schema = current_schema() and table_name = 'dataset_versions' and column_name = 'objects'
      ) then
        insert into lake_manifests (id, object_count, bytes, created_at)
          select distinct on (manifest_id) manifest_id, jsonb_array_length(objects), bytes, created_at
          from dataset_versions order by manifest_id, created_at
          on conflict do nothing;
        insert into lake_manifest_objects
          select distinct on (manifest_id, object ->> 'key') manifest_id, object ->> 'key', (object ->> 'size')::bigint,
            object ->> 'sha256', object ->> 'content_type', (object ->> 'last_modified')::timestamptz
          from dataset_versions, jsonb_array_elements(objects) as object
          on conflict do nothing;
        alter table dataset_versions drop column objects;
      end if;
    end $$;
    create index if not exists dataset_versions_manifest on dataset_versions (manifest_id);`),
};

const tables = (db: Db) => db.withTables<Tables>();

export function findVersion(db: Db, datasetId: string, version: string): Promise<VersionRow | undefined> {
  return tables(db)
    .selectFrom('dataset_versions')
    .selectAll()
    .where('dataset_id', '=', datasetId)
    .where('version', '=', version)
    .executeTakeFirst();
}

export async function insertVersion(
  tx: Db,
  version: Pick<VersionRow, 'dataset_id' | 'version' | 'manifest_id' | 'parent' | 'bytes' | 'metadata' | 'job_id'>,
): Promise<void> {
  const metadata = sql<never>`${JSON.stringify(version.metadata)}::jsonb`;
  await tables(tx)
    .insertInto('dataset_versions')
    .values({ ...version, metadata, created_at: new Date() })
    .execute();
}

export interface ObjectRange {
  readonly prefix?: string | undefined;
  /** The key after which to begin. */
  readonly after?: string | undefined;
  readonly limit: number;
}

interface ManifestRange extends ObjectRange {
  /** Leaves out what is staged to be removed from this dataset. */
  readonly keptIn?: string;
}

/** Objects of a manifest in the order of their keys' bytes. */
export async function listManifestObjects(
  db: Db,
  manifestId: string,
  { prefix = '', after, limit, keptIn }: ManifestRange,
): Promise<ManifestObject[]> {
  let query = tables(db)
    .selectFrom('lake_manifest_objects')
    .select(['key', 'size', 'sha256', 'content_type', isoTime])
    .where('manifest_id', '=', manifestId);
  // The second lets the index find the first of them.
  if (prefix !== '') query = query.where(sql<boolean>`starts_with(key, ${prefix})`).where('key', '>=', prefix);
  if (after !== undefined) query = query.where('key', '>', after);
  if (keptIn !== undefined) {
    query = query.where(
      sql<boolean>`not exists (
        select from lake_removals r where r.dataset_id = ${keptIn} and r.key = lake_manifest_objects.key)`,
    );
  }
  return (await query.orderBy('key').limit(limit).execute()).map(toObject);
}

/** All objects of a manifest, a few thousand at a time. */
export async function* eachManifestObject(db: Db, manifestId: string, limit = 5000): AsyncGenerator<ManifestObject> {
  let after: string | undefined;
  do {
    const page = await listManifestObjects(db, manifestId, { after, limit });
    yield* page;
    after = page.length === limit ? page.at(-1)?.key : undefined;
  } while (after !== undefined);
}

export async function findManifestObject(db: Db, manifestId: string, key: string): Promise<ManifestObject | undefined> {
  const row = await tables(db)
    .selectFrom('lake_manifest_objects')
    .select(['key', 'size', 'sha256', 'content_type', isoTime])
    .where('manifest_id', '=', manifestId)
    .where('key', '=', key)
    .executeTakeFirst();
  return row && toObject(row);
}

/** The manifest as it is told: how many objects, how many bytes. */
export function findManifest(db: Db, id: string): Promise<Selectable<ManifestTable> | undefined> {
  return tables(db).selectFrom('lake_manifests').selectAll().where('id', '=', id).executeTakeFirst();
}

/**
 * Keeps a manifest: the objects of `base` with what the commit changes over them. One that is there already stays as it is,
 * for its id says what is in it.
 */
export async function insertManifest(
  tx: Db,
  { id, base, commitId }: { readonly id: string; readonly base: string | undefined; readonly commitId: string },
): Promise<void> {
  const added = await tables(tx)
    .insertInto('lake_manifests')
    .values({ id, object_count: 0, bytes: 0, created_at: new Date() })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!added) return;
  const objects = sql`
    insert into lake_manifest_objects (manifest_id, key, size, sha256, content_type, last_modified)
    select ${id}, key, size, sha256, content_type, last_modified from lake_commit_objects
    where commit_id = ${commitId} and not removed
    union all
    select ${id}, key, size, sha256, content_type, last_modified from lake_manifest_objects o
    where manifest_id = ${base ?? null}
      and not exists (select from lake_commit_objects c where c.commit_id = ${commitId} and c.key = o.key)`;
  await withoutNestedLoops(tx, () => objects.execute(tx));
  await tables(tx)
    .updateTable('lake_manifests')
    .set({
      object_count: sql`(select count(*) from lake_manifest_objects where manifest_id = ${id})`,
      bytes: sql`(select coalesce(sum(size), 0)::bigint from lake_manifest_objects where manifest_id = ${id})`,
    })
    .where('id', '=', id)
    .execute();
}

export interface VersionRange {
  /** Only versions that came before this one. */
  readonly before?: { readonly created_at: Date; readonly version: string } | undefined;
  /** Only versions with an object of this key. */
  readonly objectKey?: string | undefined;
  readonly limit: number;
}

/** Versions of a dataset with how many objects each has, newest first. */
export function listVersions(
  db: Db,
  datasetId: string,
  { before, objectKey, limit }: VersionRange,
): Promise<(VersionRow & { object_count: number })[]> {
  let query = tables(db)
    .selectFrom('dataset_versions')
    .innerJoin('lake_manifests', 'lake_manifests.id', 'dataset_versions.manifest_id')
    .selectAll('dataset_versions')
    .select('lake_manifests.object_count')
    .where('dataset_id', '=', datasetId);
  if (before) {
    query = query.where(
      sql<boolean>`(dataset_versions.created_at, version) < (${before.created_at}, ${before.version})`,
    );
  }
  if (objectKey !== undefined) {
    query = query.where(
      sql<boolean>`exists (
        select from lake_manifest_objects o where o.manifest_id = dataset_versions.manifest_id and o.key = ${objectKey})`,
    );
  }
  return query.orderBy('dataset_versions.created_at', 'desc').orderBy('version', 'desc').limit(limit).execute();
}

export async function deleteVersion(tx: Db, datasetId: string, version: string): Promise<void> {
  await tables(tx)
    .deleteFrom('dataset_versions')
    .where('dataset_id', '=', datasetId)
    .where('version', '=', version)
    .execute();
}

/** As text that no setting of the database changes: to make dates of it takes longer than all the rest of a list. */
const isoTime = sql<string>`to_json(last_modified at time zone 'UTC') #>> '{}'`.as('time');

function toObject({
  time,
  ...row
}: Omit<Selectable<ManifestObjectTable>, 'manifest_id' | 'last_modified'> & { time: string }): ManifestObject {
  return { ...row, last_modified: toIso(time) };
}

/** `2026-01-02T03:04:05.678912`, with fewer digits or none behind the point, as JavaScript writes it. */
function toIso(time: string): string {
  if (!/^\d{4}-/.test(time) || time.length > 26) return new Date(`${time}Z`).toISOString();
  return `${time.slice(0, 19)}.${time.slice(20, 23).padEnd(3, '0')}Z`;
}
