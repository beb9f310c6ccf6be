import { type Selectable, sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';
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
/** Rows of one statement. Each is sent as one JSON text, so that their number meets no limit of parameters. */
const chunk = 10_000;

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
  version: Pick<VersionRow, 'dataset_id' | 'version' | 'manifest_id' | 'parent' | 'bytes' | 'metadata'>,
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

/** Objects of a manifest in the order of their keys' bytes. */
export async function listManifestObjects(
  db: Db,
  manifestId: string,
  { prefix = '', after, limit }: ObjectRange,
): Promise<ManifestObject[]> {
  let query = tables(db)
    .selectFrom('lake_manifest_objects')
    .selectAll()
    .where('manifest_id', '=', manifestId)
    .where(sql<boolean>`starts_with(key, ${prefix})`)
    // Lets the index find the first of them.
    .where('key', '>=', prefix);
  if (after !== undefined) query = query.where('key', '>', after);
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
    .selectAll()
    .where('manifest_id', '=', manifestId)
    .where('key', '=', key)
    .executeTakeFirst();
  return row && toObject(row);
}

/**
 * Keeps a manifest: the objects of `parent`, but for `removed`, with `changed` over them. One that is there already stays
 * as it is, for its id says what is in it. Answers its bytes.
 */
export async function insertManifest(
  tx: Db,
  manifest: {
    readonly id: string;
    readonly parent?: string | undefined;
    readonly changed: readonly ManifestObject[];
    readonly removed: readonly string[];
  },
): Promise<number> {
  const { id, parent, changed, removed } = manifest;
  const added = await tables(tx)
    .insertInto('lake_manifests')
    .values({ id, object_count: 0, bytes: 0, created_at: new Date() })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!added) return (await findManifest(tx, id))?.bytes ?? 0;
  for (let at = 0; at < changed.length; at += chunk) {
    const rows = JSON.stringify(changed.slice(at, at + chunk));
    await sql`
      insert into lake_manifest_objects (manifest_id, key, size, sha256, content_type, last_modified)
      select ${id}, key, size, sha256, content_type, last_modified
      from jsonb_to_recordset(${rows}::jsonb)
        as object (key text, size bigint, sha256 text, content_type text, last_modified timestamptz)`.execute(tx);
  }
  if (parent !== undefined) {
    await sql`
      insert into lake_manifest_objects (manifest_id, key, size, sha256, content_type, last_modified)
      select ${id}, key, size, sha256, content_type, last_modified from lake_manifest_objects
      where manifest_id = ${parent} and not (key = any(${[...removed]}::text[]))
      on conflict do nothing`.execute(tx);
  }
  const { bytes } = await tables(tx)
    .updateTable('lake_manifests')
    .set({
      object_count: sql`(select count(*) from lake_manifest_objects where manifest_id = ${id})`,
      bytes: sql`(select coalesce(sum(size), 0) from lake_manifest_objects where manifest_id = ${id})`,
    })
    .where('id', '=', id)
    .returning('bytes')
    .executeTakeFirstOrThrow();
  return bytes;
}

function findManifest(db: Db, id: string): Promise<Selectable<ManifestTable> | undefined> {
  return tables(db).selectFrom('lake_manifests').selectAll().where('id', '=', id).executeTakeFirst();
}

function toObject(row: Selectable<ManifestObjectTable>): ManifestObject {
  const { key, size, sha256, content_type, last_modified } = row;
  return { key, size, sha256, content_type, last_modified: last_modified.toISOString() };
}
