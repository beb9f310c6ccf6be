import { type Selectable, sql } from 'kysely';
import { type Db, withoutNestedLoops } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import type { ManifestObject } from '../contract.ts';

type CommitTable = {
  id: string;
  dataset_id: string;
  version: string;
  /** Null for one that ends within its call. */
  job_id: string | null;
  metadata: Record<string, unknown>;
  /** The manifest that was made of it, which no version names yet. */
  manifest_id: string | null;
  created_at: Date;
};

type PlannedTable = {
  commit_id: string;
  /** Sorted by its bytes. */
  key: string;
  removed: boolean;
  upload_id: string | null;
  staging_key: string | null;
  size: number | null;
  sha256: string | null;
  etag: string | null;
  content_type: string | null;
  last_modified: Date | null;
  pinned: boolean;
};

type RemovalTable = { dataset_id: string; key: string; id: string };

type Tables = { lake_removals: RemovalTable; lake_commits: CommitTable; lake_commit_objects: PlannedTable };

export type CommitRow = Selectable<CommitTable>;
export type PlannedRow = Selectable<PlannedTable>;

/** A commit that runs, with what it will change: it keeps the version's name, and its bytes from being collected. */
export const commitMigrations: Migrations = {
  'lake.0003-commits': sqlMigration(`
    create table if not exists lake_commits (
      id text primary key,
      dataset_id text not null references datasets (id) on delete cascade,
      version text not null,
      job_id text,
      metadata jsonb not null default '{}',
      manifest_id text,
      created_at timestamptz not null default now()
    );
    create unique index if not exists lake_commits_dataset on lake_commits (dataset_id);
    create table if not exists lake_commit_objects (
      commit_id text not null references lake_commits (id) on delete cascade,
      key text collate "C" not null,
      removed boolean not null default false,
      upload_id text,
      staging_key text,
      size bigint,
      sha256 text,
      etag text,
      content_type text,
      last_modified timestamptz,
      pinned boolean not null default false,
      primary key (commit_id, key)
    );
    create index if not exists lake_commit_objects_sha256 on lake_commit_objects (sha256);
    create table if not exists lake_removals (
      dataset_id text not null references datasets (id) on delete cascade,
      key text collate "C" not null,
      id text not null,
      primary key (dataset_id, key)
    );
    create table if not exists lake_multipart_uploads (
      id text primary key,
      dataset_id text not null references datasets (id) on delete cascade,
      object_key text not null,
      handle text not null,
      part_size bigint not null,
      size bigint,
      expires_at timestamptz not null,
      completed jsonb
    );
    create table if not exists lake_left_indexes (
      id text primary key,
      dataset_id text not null,
      target text not null,
      entry jsonb not null,
      created_at timestamptz not null default now()
    );
    create index if not exists lake_manifests_created_at on lake_manifests (created_at);
    alter table dataset_versions add column if not exists job_id text;
    create index if not exists dataset_versions_created_at on dataset_versions (dataset_id, created_at, version);`),
};

const tables = (db: Db) => db.withTables<Tables>();

/** The commit that holds the dataset: there is one at most. */
export function findCommit(db: Db, datasetId: string): Promise<CommitRow | undefined> {
  return tables(db).selectFrom('lake_commits').selectAll().where('dataset_id', '=', datasetId).executeTakeFirst();
}

export function findCommitById(db: Db, id: string): Promise<CommitRow | undefined> {
  return tables(db).selectFrom('lake_commits').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function insertCommit(
  tx: Db,
  commit: Pick<CommitRow, 'id' | 'dataset_id' | 'version' | 'metadata'>,
): Promise<void> {
  const metadata = sql<never>`${JSON.stringify(commit.metadata)}::jsonb`;
  await tables(tx)
    .insertInto('lake_commits')
    .values({ ...commit, metadata, job_id: null, manifest_id: null, created_at: new Date() })
    .execute();
}

export async function updateCommit(
  tx: Db,
  id: string,
  change: { readonly job_id?: string; readonly manifest_id?: string },
): Promise<void> {
  await tables(tx).updateTable('lake_commits').set(change).where('id', '=', id).execute();
}

/** Lets go of the dataset and of what was planned; nothing happens when it is gone. */
export async function deleteCommit(db: Db, id: string): Promise<void> {
  await tables(db).deleteFrom('lake_commits').where('id', '=', id).execute();
}

/** Whether the next version is to be without this key, unless an upload arrived for it since. */
export async function isRemoved(db: Db, datasetId: string, key: string): Promise<boolean> {
  const removal = tables(db)
    .selectFrom('lake_removals')
    .select('id')
    .where('dataset_id', '=', datasetId)
    .where('key', '=', key);
  return (await removal.executeTakeFirst()) !== undefined;
}

/** Stages a removal. `id` sorts by time, like those of uploads. */
export async function stageRemoval(tx: Db, datasetId: string, key: string, id: string): Promise<void> {
  await tables(tx)
    .insertInto('lake_removals')
    .values({ dataset_id: datasetId, key, id })
    .onConflict((conflict) => conflict.columns(['dataset_id', 'key']).doUpdateSet({ id }))
    .execute();
}

/** Plans all that is staged for the dataset now: of each key the newest upload that arrived, or its removal. */
export async function planStaged(tx: Db, commitId: string, datasetId: string): Promise<void> {
  await sql`
    insert into lake_commit_objects
      (commit_id, key, upload_id, staging_key, size, sha256, etag, content_type, last_modified)
    select distinct on (object_key collate "C")
      ${commitId}, object_key, id, staging_key, size, sha256, etag, content_type, received_at
    from uploads
    where holder = ${datasetId} and received_at is not null
    order by object_key collate "C", id desc`.execute(tx);
  await sql`
    insert into lake_commit_objects (commit_id, key, removed, upload_id)
    select ${commitId}, key, true, id from lake_removals where dataset_id = ${datasetId}
    on conflict do nothing`.execute(tx);
}

/** Plans files that are read in place. */
export async function planFiles(
  tx: Db,
  commitId: string,
  files: readonly { readonly key: string; readonly size: number; readonly content_type: string }[],
): Promise<void> {
  await sql`
    insert into lake_commit_objects (commit_id, key, size, content_type)
    select ${commitId}, key, size, content_type
    from jsonb_to_recordset(${JSON.stringify(files)}::jsonb) as file (key text, size bigint, content_type text)
    on conflict do nothing`.execute(tx);
}

export async function clearPlan(db: Db, commitId: string): Promise<void> {
  await tables(db).deleteFrom('lake_commit_objects').where('commit_id', '=', commitId).execute();
}

/** How much is planned, and how much of it nobody has read yet. */
export async function measurePlan(
  db: Db,
  commitId: string,
): Promise<{ objects: number; bytes: number; unread: number; unread_bytes: number }> {
  const { rows } = await sql<{ objects: number; bytes: number; unread: number; unread_bytes: number }>`
    select count(*) as objects, coalesce(sum(size), 0)::bigint as bytes,
      count(*) filter (where sha256 is null and not removed) as unread,
      coalesce(sum(size) filter (where sha256 is null and not removed), 0)::bigint as unread_bytes
    from lake_commit_objects where commit_id = ${commitId}`.execute(db);
  return rows[0] as { objects: number; bytes: number; unread: number; unread_bytes: number };
}

/** What is planned, in the order of keys. */
export function listPlanned(
  db: Db,
  commitId: string,
  range: { readonly after?: string | undefined; readonly limit: number },
): Promise<PlannedRow[]> {
  let query = tables(db).selectFrom('lake_commit_objects').selectAll().where('commit_id', '=', commitId);
  if (range.after !== undefined) query = query.where('key', '>', range.after);
  return query.orderBy('key').limit(range.limit).execute();
}

export interface PinnedPlan {
  readonly key: string;
  readonly size: number;
  readonly sha256: string;
  readonly etag: string;
  readonly last_modified: string;
}

/** Notes what the bytes of planned objects are, and that they are pinned. */
export async function markPinned(tx: Db, commitId: string, pinned: readonly PinnedPlan[]): Promise<void> {
  await sql`
    update lake_commit_objects o
    set size = p.size, sha256 = p.sha256, etag = p.etag, last_modified = p.last_modified, pinned = true
    from jsonb_to_recordset(${JSON.stringify(pinned)}::jsonb)
      as p (key text, size bigint, sha256 text, etag text, last_modified timestamptz)
    where o.commit_id = ${commitId} and o.key = p.key`.execute(tx);
}

/** A change of a manifest: an object, or that there is none of this key any more. */
export type Change = ManifestObject | { readonly key: string; readonly removed: true };

/** All that is planned, a few thousand at a time. Everything must be pinned by now. */
export async function* eachChange(db: Db, commitId: string, limit = 5000): AsyncGenerator<Change> {
  for (let after: string | undefined; ; ) {
    const page = await listPlanned(db, commitId, { after, limit });
    for (const row of page) yield toChange(row);
    if (page.length < limit) return;
    after = page.at(-1)?.key;
  }
}

function toChange({ key, removed, pinned, size, sha256, content_type, last_modified }: PlannedRow): Change {
  if (removed) return { key, removed };
  if (!pinned || size === null || sha256 === null || last_modified === null) throw new Error(`${key} is not pinned`);
  return { key, size, sha256, content_type: content_type ?? '', last_modified: last_modified.toISOString() };
}

/** Takes what was committed out of what is staged: uploads and removals up to those that were planned. */
export async function takeCommitted(tx: Db, commitId: string, datasetId: string): Promise<void> {
  const uploads = sql`
    delete from uploads u using lake_commit_objects o
    where o.commit_id = ${commitId} and u.holder = ${datasetId} and u.object_key = o.key and u.id <= o.upload_id`;
  const removals = sql`
    delete from lake_removals r using lake_commit_objects o
    where o.commit_id = ${commitId} and r.dataset_id = ${datasetId} and r.key = o.key and r.id <= o.upload_id`;
  await withoutNestedLoops(tx, async () => {
    await uploads.execute(tx);
    await removals.execute(tx);
  });
}
