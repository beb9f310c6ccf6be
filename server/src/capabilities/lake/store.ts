import { type Selectable, sql } from 'kysely';
import type { Db } from '../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../core/db/migrate.ts';
import { appendEvent } from '../../core/events/store.ts';
import { storableJson } from '../../core/storable.ts';
import { commitMigrations } from './commits/store.ts';
import type { Dataset } from './contract.ts';
import { contractMigrations } from './contracts/store.ts';
import { embeddingMigrations } from './embedder/store.ts';
import { exportMigrations } from './exports/store.ts';
import { indexMigrations } from './indexes/store.ts';
import { policyMigrations, targetsOfDataset } from './policies/store.ts';
import { rejectMigrations } from './rejects/store.ts';
import { versionMigrations } from './versions/store.ts';

type DatasetTable = {
  id: string;
  name: string;
  version: string | null;
  uri: string;
  bytes: number | null;
  state: string;
  tags: string[];
  labels: Record<string, string>;
  policies: Dataset['policies'];
  metadata: Record<string, unknown>;
  created_at: Date;
  updated_at: Date;
};

type Tables = { datasets: DatasetTable };

/** A dataset, and what its indexes serve. */
export type DatasetRow = Selectable<DatasetTable> & { readonly targets: NonNullable<Dataset['targets']> };

export const lakeMigrations: Migrations = {
  'lake.0001-datasets': sqlMigration(`
    create table if not exists datasets (
      id text primary key,
      name text not null unique,
      version text,
      uri text not null,
      bytes bigint,
      state text not null,
      tags text[] not null default '{}',
      labels jsonb not null default '{}',
      policies jsonb not null default '[]',
      metadata jsonb not null default '{}',
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    );
    create unique index if not exists datasets_managed_uri on datasets (uri) where uri like 'tutti://%';
    create index if not exists datasets_tags on datasets using gin (tags);
    create index if not exists datasets_labels on datasets using gin (labels);
    create table if not exists dataset_versions (
      dataset_id text not null references datasets (id) on delete cascade,
      version text not null,
      manifest_id text not null,
      parent text,
      objects jsonb not null,
      bytes bigint not null,
      metadata jsonb not null default '{}',
      created_at timestamptz not null default now(),
      primary key (dataset_id, version)
    );
    create table if not exists dataset_indexes (
      id text primary key,
      dataset_id text not null references datasets (id) on delete cascade,
      target text not null,
      version text not null,
      state text not null,
      columns jsonb not null default '[]',
      row_count bigint,
      created_at timestamptz not null default now()
    );
    create unique index if not exists dataset_indexes_served on dataset_indexes (dataset_id, target) where state = 'served';`),
  ...versionMigrations,
  ...indexMigrations,
  ...rejectMigrations,
  ...commitMigrations,
  ...policyMigrations,
  ...contractMigrations,
  ...embeddingMigrations,
  ...exportMigrations,
};

const tables = (db: Db) => db.withTables<Tables>();
const targets = targetsOfDataset.as('targets');
const json = (value: unknown) => sql<never>`${storableJson(value)}::jsonb`;

/** Adds a dataset; undefined when its name or managed URI is taken. */
export async function insertDataset(
  tx: Db,
  dataset: Pick<DatasetRow, 'id' | 'name' | 'uri' | 'tags' | 'labels' | 'metadata'>,
): Promise<DatasetRow | undefined> {
  const now = new Date();
  const row = await tables(tx)
    .insertInto('datasets')
    .values({
      ...dataset,
      version: null,
      bytes: null,
      state: 'registered',
      labels: json(dataset.labels),
      policies: json([]),
      metadata: json(dataset.metadata),
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .returning(targets)
    .executeTakeFirst();
  if (row) await appendUpdate(tx, row);
  return row;
}

/** Every change of a dataset appends the whole of it to the events, in the change's transaction. */
async function appendUpdate(tx: Db, row: DatasetRow): Promise<void> {
  await appendEvent(tx, {
    type: 'dataset.updated',
    subject: `dataset:${row.id}`,
    toolset: 'lake',
    datasetId: row.id,
    data: toDataset(row),
  });
}

export function findDataset(db: Db, id: string): Promise<DatasetRow | undefined> {
  return tables(db).selectFrom('datasets').selectAll().select(targets).where('id', '=', id).executeTakeFirst();
}

/** A dataset at one of its versions, as far as reading its objects takes. */
export interface DatasetAt {
  readonly uri: string;
  /** Null before the first commit. */
  readonly current: string | null;
  /** Both null where there is no such version. */
  readonly version: string | null;
  readonly manifest_id: string | null;
}

/** A dataset at a version, by default its current one; undefined when there is no such dataset. */
export async function findDatasetAt(db: Db, id: string, version?: string): Promise<DatasetAt | undefined> {
  const { rows } = await sql<DatasetAt>`
    select d.uri, d.version as current, v.version, v.manifest_id from datasets d
    left join dataset_versions v on v.dataset_id = d.id and v.version = coalesce(${version ?? null}, d.version)
    where d.id = ${id}`.execute(db);
  return rows[0];
}

/** The dataset, locked until the transaction ends, so that commits of it queue. */
export function lockDataset(tx: Db, id: string): Promise<DatasetRow | undefined> {
  return tables(tx)
    .selectFrom('datasets')
    .selectAll()
    .select(targets)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

export interface DatasetFilter {
  readonly tags: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly state: string | undefined;
  /** Part of the name, in any case. */
  readonly text: string | undefined;
  readonly after: string | undefined;
  readonly limit: number;
}

/** Oldest first. */
export function listDatasets(db: Db, filter: DatasetFilter): Promise<DatasetRow[]> {
  let query = tables(db).selectFrom('datasets').selectAll().select(targets);
  if (filter.tags.length > 0) query = query.where(sql<boolean>`tags @> ${[...filter.tags]}::text[]`);
  if (Object.keys(filter.labels).length > 0) query = query.where(sql<boolean>`labels @> ${json(filter.labels)}`);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  if (filter.text !== undefined) query = query.where(sql<boolean>`position(lower(${filter.text}) in lower(name)) > 0`);
  if (filter.after !== undefined) query = query.where('id', '>', filter.after);
  return query.orderBy('id').limit(filter.limit).execute();
}

export interface DatasetChange {
  readonly name?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** Changes what is given and leaves the rest; undefined when another dataset has the name. The dataset must be locked. */
export async function updateDataset(tx: Db, row: DatasetRow, change: DatasetChange): Promise<DatasetRow | undefined> {
  const { name, tags, labels, metadata } = change;
  const changed = await tables(tx)
    .updateTable('datasets')
    .set({
      ...(name !== undefined && { name }),
      ...(tags && { tags: [...tags] }),
      ...(labels && { labels: json(labels) }),
      ...(metadata && { metadata: json(metadata) }),
      updated_at: new Date(),
    })
    .where('id', '=', row.id)
    .where(sql<boolean>`not exists (select from datasets o where o.name = ${name ?? row.name} and o.id <> ${row.id})`)
    .returningAll()
    .returning(targets)
    .executeTakeFirst();
  if (changed) await appendUpdate(tx, changed);
  return changed;
}

/** Removes a dataset with its versions and the rows of its indexes, and appends what it was as `dataset.deleted`. */
export async function deleteDataset(tx: Db, row: DatasetRow): Promise<void> {
  await tables(tx).deleteFrom('datasets').where('id', '=', row.id).execute();
  await appendEvent(tx, {
    type: 'dataset.deleted',
    subject: `dataset:${row.id}`,
    toolset: 'lake',
    datasetId: row.id,
    data: toDataset({ ...row, state: 'deleted', updated_at: new Date() }),
  });
}

export async function setDatasetState(tx: Db, id: string, state: string): Promise<void> {
  const row = await tables(tx)
    .updateTable('datasets')
    .set({ state, updated_at: new Date() })
    .where('id', '=', id)
    .returningAll()
    .returning(targets)
    .executeTakeFirst();
  if (row) await appendUpdate(tx, row);
}

/** Tells that something of a dataset changed that is kept elsewhere. */
export async function touchDataset(tx: Db, id: string, change: { policies?: Dataset['policies'] } = {}): Promise<void> {
  const row = await tables(tx)
    .updateTable('datasets')
    .set({ updated_at: new Date(), ...(change.policies && { policies: json(change.policies) }) })
    .where('id', '=', id)
    .returningAll()
    .returning(targets)
    .executeTakeFirst();
  if (row) await appendUpdate(tx, row);
}

/** Makes a version the dataset's current one. */
export async function advanceDataset(tx: Db, id: string, to: { version: string; bytes: number }): Promise<DatasetRow> {
  const row = await tables(tx)
    .updateTable('datasets')
    .set({ ...to, state: 'staged', updated_at: new Date() })
    .where('id', '=', id)
    .returningAll()
    .returning(targets)
    .executeTakeFirstOrThrow();
  await appendUpdate(tx, row);
  return row;
}

/** The public form of a row. */
export function toDataset(row: DatasetRow): Dataset {
  return {
    id: row.id,
    name: row.name,
    ...(row.version !== null && { version: row.version }),
    uri: row.uri,
    ...(row.bytes !== null && { bytes: row.bytes }),
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    state: row.state,
    tags: row.tags,
    labels: row.labels,
    policies: row.policies,
    targets: row.targets,
    metadata: row.metadata,
  };
}
