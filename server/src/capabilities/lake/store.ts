import { type Selectable, sql } from 'kysely';
import type { Db } from '../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../core/db/migrate.ts';
import { appendEvent } from '../../core/events/store.ts';
import { storableJson } from '../../core/storable.ts';
import type { Dataset } from './contract.ts';
import type { EngineColumn } from './engine/protocol.ts';
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

type IndexTable = {
  /** Also the name of the engine's table. */
  id: string;
  dataset_id: string;
  target: string;
  version: string;
  state: string;
  columns: EngineColumn[];
  row_count: number | null;
  created_at: Date;
};

type Tables = { datasets: DatasetTable; dataset_indexes: IndexTable };

export type DatasetRow = Selectable<DatasetTable>;
export type IndexRow = Selectable<IndexTable>;

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
};

const tables = (db: Db) => db.withTables<Tables>();
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
  return tables(db).selectFrom('datasets').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The dataset, locked until the transaction ends, so that commits of it queue. */
export function lockDataset(tx: Db, id: string): Promise<DatasetRow | undefined> {
  return tables(tx).selectFrom('datasets').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
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
  let query = tables(db).selectFrom('datasets').selectAll();
  if (filter.tags.length > 0) query = query.where(sql<boolean>`tags @> ${[...filter.tags]}::text[]`);
  if (Object.keys(filter.labels).length > 0) query = query.where(sql<boolean>`labels @> ${json(filter.labels)}`);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  if (filter.text !== undefined) query = query.where(sql<boolean>`position(lower(${filter.text}) in lower(name)) > 0`);
  if (filter.after !== undefined) query = query.where('id', '>', filter.after);
  return query.orderBy('id').limit(filter.limit).execute();
}

export async function setDatasetState(tx: Db, id: string, state: string): Promise<void> {
  const row = await tables(tx)
    .updateTable('datasets')
    .set({ state, updated_at: new Date() })
    .where('id', '=', id)
    .returningAll()
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
    .executeTakeFirstOrThrow();
  await appendUpdate(tx, row);
  return row;
}

/** Begins an index that nobody searches yet. Repeating it changes nothing. */
export async function insertIndex(
  db: Db,
  index: Pick<IndexRow, 'id' | 'dataset_id' | 'target' | 'version'>,
): Promise<void> {
  await tables(db)
    .insertInto('dataset_indexes')
    .values({ ...index, state: 'building', columns: json([]), row_count: null, created_at: new Date() })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/** Serves an index from now on, in place of the one before it. */
export async function serveIndex(
  tx: Db,
  index: { id: string; dataset_id: string; target: string; columns: readonly EngineColumn[]; row_count: number },
): Promise<void> {
  const { id, dataset_id, target, columns, row_count } = index;
  await tables(tx)
    .updateTable('dataset_indexes')
    .set({ state: 'retired' })
    .where('dataset_id', '=', dataset_id)
    .where('target', '=', target)
    .where('state', '=', 'served')
    .where('id', '<>', id)
    .execute();
  await tables(tx)
    .updateTable('dataset_indexes')
    .set({ state: 'served', columns: json(columns), row_count })
    .where('id', '=', id)
    .execute();
}

export function findServedIndex(db: Db, datasetId: string, target: string): Promise<IndexRow | undefined> {
  return tables(db)
    .selectFrom('dataset_indexes')
    .selectAll()
    .where('dataset_id', '=', datasetId)
    .where('target', '=', target)
    .where('state', '=', 'served')
    .executeTakeFirst();
}

/** Indexes that nobody needs any more: those given up, and retired ones but for the newest, which late readers may hold. */
export async function findObsoleteIndexes(db: Db, datasetId: string, target: string): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('dataset_indexes')
    .select(['id', 'state'])
    .where('dataset_id', '=', datasetId)
    .where('target', '=', target)
    .where('state', 'in', ['retired', 'failed'])
    .orderBy('id', 'desc')
    .execute();
  const newest = rows.find((row) => row.state === 'retired')?.id;
  return rows.filter((row) => row.id !== newest).map((row) => row.id);
}

/** Indexes that were given up before a time, of any dataset. */
export async function findFailedIndexes(db: Db, before: Date): Promise<{ id: string; dataset_id: string }[]> {
  return tables(db)
    .selectFrom('dataset_indexes')
    .select(['id', 'dataset_id'])
    .where('state', '=', 'failed')
    .where('created_at', '<', before)
    .execute();
}

export async function failIndex(db: Db, id: string): Promise<void> {
  await tables(db)
    .updateTable('dataset_indexes')
    .set({ state: 'failed' })
    .where('id', '=', id)
    .where('state', '=', 'building')
    .execute();
}

export async function deleteIndex(db: Db, id: string): Promise<void> {
  await tables(db).deleteFrom('dataset_indexes').where('id', '=', id).execute();
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
    metadata: row.metadata,
  };
}
