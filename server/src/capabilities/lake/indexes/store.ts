import { type Selectable, sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import { storableJson } from '../../../core/storable.ts';
import type { EngineColumn, IndexMapping } from '../engine/protocol.ts';
import type { Pointer } from '../jobs/target.ts';

/**
 * `building`; `resumable`: broke off, and goes on with the next ingest of the same; `served`: searched; `retired`: served
 * before, and can be again; `failed`: of no use to anybody; `lost`: served or retired until its target had it no more.
 */
type IndexState = 'building' | 'resumable' | 'served' | 'retired' | 'failed' | 'lost';

/** How far a build is: enough to go on behind its last step, in another job as well. */
export interface BuildProgress {
  /** Names the plan of the steps: those of another plan are not to be gone on with. */
  readonly plan: string;
  readonly pointer: Pointer;
  /** Steps of the plan that are done. */
  readonly done: number;
  readonly counters: Counters;
}

export type Counters = {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  readonly errors: number;
  /** Rows of the manifest that are in the index. */
  readonly rows: number;
};

export const noCounters: Counters = { inserted: 0, updated: 0, deleted: 0, errors: 0, rows: 0 };

type IndexTable = {
  id: string;
  dataset_id: string;
  target: string;
  version: string;
  /** Null in indexes of earlier releases, like all that follows it here. */
  manifest_id: string | null;
  state: IndexState;
  columns: EngineColumn[];
  row_count: number | null;
  /** Where the target keeps it; null before it does, and in indexes of earlier releases, whose table is named by the id. */
  pointer: Pointer | null;
  mapping: IndexMapping;
  /** Of mapping and options: all that decides what an index of a manifest holds. */
  mapping_hash: string | null;
  options: Record<string, unknown>;
  /** Rows that another of the same id took the place of. */
  overrides: number;
  progress: BuildProgress | null;
  /** The job that builds it, or built it last. */
  job_id: string | null;
  created_at: Date;
  updated_at: Date | null;
  served_at: Date | null;
  /** When a rollback last had it served: what was asked for before does not replace it. */
  rolled_back_at: Date | null;
};

type Tables = { dataset_indexes: IndexTable };

export type IndexRow = Selectable<IndexTable>;

export const indexMigrations: Migrations = {
  'lake.0005-indexes': sqlMigration(`
    alter table dataset_indexes
      add column if not exists manifest_id text,
      add column if not exists pointer jsonb,
      add column if not exists mapping jsonb not null default '{}',
      add column if not exists mapping_hash text,
      add column if not exists options jsonb not null default '{}',
      add column if not exists overrides bigint not null default 0,
      add column if not exists progress jsonb,
      add column if not exists job_id text,
      add column if not exists updated_at timestamptz,
      add column if not exists served_at timestamptz;
    create index if not exists dataset_indexes_dataset on dataset_indexes (dataset_id, target);
    create table if not exists lake_builders (
      dataset_id text not null references datasets (id) on delete cascade,
      target text not null,
      job_id text not null,
      primary key (dataset_id, target)
    );`),
  'lake.0012-rolled-back': sqlMigration(
    'alter table dataset_indexes add column if not exists rolled_back_at timestamptz',
  ),
};

const tables = (db: Db) => db.withTables<Tables>();
const json = (value: unknown) => sql<never>`${storableJson(value)}::jsonb`;

/** Begins an index that nobody searches yet. Repeating it changes nothing. */
export async function insertIndex(
  db: Db,
  index: Pick<IndexRow, 'id' | 'dataset_id' | 'target' | 'version'> &
    Partial<Pick<IndexRow, 'manifest_id' | 'mapping' | 'mapping_hash' | 'options' | 'job_id'>>,
): Promise<void> {
  const now = new Date();
  await tables(db)
    .insertInto('dataset_indexes')
    .values({
      manifest_id: null,
      mapping_hash: null,
      job_id: null,
      ...index,
      mapping: json(index.mapping ?? {}),
      options: json(index.options ?? {}),
      state: 'building',
      columns: json([]),
      row_count: null,
      pointer: null,
      overrides: 0,
      progress: null,
      created_at: now,
      updated_at: now,
      served_at: null,
      rolled_back_at: null,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

export interface ServedIndex {
  readonly id: string;
  readonly dataset_id: string;
  readonly target: string;
  readonly columns: readonly EngineColumn[];
  readonly row_count: number;
  readonly pointer?: Pointer;
  readonly overrides?: number;
}

/** Serves an index from now on, in place of the one before it. */
export async function serveIndex(tx: Db, index: ServedIndex): Promise<void> {
  const { id, columns, row_count, pointer, overrides } = index;
  await retireServed(tx, index);
  await tables(tx)
    .updateTable('dataset_indexes')
    .set({
      state: 'served',
      columns: json(columns),
      row_count,
      ...(pointer && { pointer: json(pointer) }),
      ...(overrides !== undefined && { overrides }),
      progress: null,
      updated_at: new Date(),
      served_at: new Date(),
    })
    .where('id', '=', id)
    .execute();
}

async function retireServed(tx: Db, { id, dataset_id, target }: Pick<ServedIndex, 'id' | 'dataset_id' | 'target'>) {
  await tables(tx)
    .updateTable('dataset_indexes')
    .set({ state: 'retired', updated_at: new Date() })
    .where('dataset_id', '=', dataset_id)
    .where('target', '=', target)
    .where('state', '=', 'served')
    .where('id', '<>', id)
    .execute();
}

/**
 * Serves the indexes of a manifest again that were served before, each in place of the one of its target, at once. Answers
 * the targets that serve this manifest after it. Lock the dataset before.
 */
export async function serveRetired(
  tx: Db,
  datasetId: string,
  manifestId: string,
  only: {
    readonly version?: string;
    readonly target?: string;
    readonly mapping_hash?: string;
    readonly rollback?: true;
  } = {},
): Promise<string[]> {
  let query = tables(tx)
    .selectFrom('dataset_indexes')
    .select(['id', 'target', 'state'])
    .where('dataset_id', '=', datasetId)
    .where('manifest_id', '=', manifestId)
    .where('state', 'in', ['served', 'retired']);
  if (only.target !== undefined) query = query.where('target', '=', only.target);
  if (only.mapping_hash !== undefined) query = query.where('mapping_hash', '=', only.mapping_hash);
  const rows = await query.orderBy(sql`state = 'served'`, 'desc').orderBy('served_at', 'desc').execute();
  const newest = new Map<string, (typeof rows)[number]>();
  for (const row of rows) if (!newest.has(row.target)) newest.set(row.target, row);
  for (const { id, target, state } of newest.values()) {
    if (state === 'retired') await retireServed(tx, { id, dataset_id: datasetId, target });
    await tables(tx)
      .updateTable('dataset_indexes')
      .set({
        state: 'served',
        updated_at: new Date(),
        ...(only.version !== undefined && { version: only.version }),
        ...(state === 'retired' && { served_at: new Date() }),
        ...(only.rollback && { rolled_back_at: new Date() }),
      })
      .where('id', '=', id)
      .execute();
  }
  return [...newest.keys()];
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

/** The indexes of a dataset, newest first. */
export function listIndexes(db: Db, datasetId: string, target?: string): Promise<IndexRow[]> {
  let query = tables(db).selectFrom('dataset_indexes').selectAll().where('dataset_id', '=', datasetId);
  if (target !== undefined) query = query.where('target', '=', target);
  return query.orderBy('id', 'desc').execute();
}

export function findIndex(db: Db, id: string): Promise<IndexRow | undefined> {
  return tables(db).selectFrom('dataset_indexes').selectAll().where('id', '=', id).executeTakeFirst();
}

/**
 * Takes over the newest index of the same content that broke off after its first rows; `before` is the job that began it.
 * The caller has the turn.
 */
export async function resumeIndex(
  tx: Db,
  wanted: Pick<IndexRow, 'dataset_id' | 'target' | 'version'> & {
    readonly manifest_id: string;
    readonly mapping_hash: string;
    readonly job_id: string;
  },
): Promise<(IndexRow & { readonly before: string | null }) | undefined> {
  const { dataset_id, target, version, manifest_id, mapping_hash, job_id } = wanted;
  const found = await tables(tx)
    .selectFrom('dataset_indexes')
    .select(['id', 'job_id'])
    .where('dataset_id', '=', dataset_id)
    .where('target', '=', target)
    .where('manifest_id', '=', manifest_id)
    .where('mapping_hash', '=', mapping_hash)
    .where('state', 'in', ['building', 'resumable'])
    .where('progress', 'is not', null)
    .orderBy('updated_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!found) return undefined;
  const row = await tables(tx)
    .updateTable('dataset_indexes')
    .set({ state: 'building', job_id, version, updated_at: new Date() })
    .where('id', '=', found.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return { ...row, before: found.job_id };
}

/** Keeps how far a build is; says whether it is still the build of this job. */
export async function saveProgress(db: Db, id: string, jobId: string, progress: BuildProgress): Promise<boolean> {
  const row = await tables(db)
    .updateTable('dataset_indexes')
    .set({ progress: json(progress), pointer: json(progress.pointer), updated_at: new Date() })
    .where('id', '=', id)
    .where('job_id', '=', jobId)
    .where('state', '=', 'building')
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Puts a build away that ends before it is served: to be gone on with if it has come that far, or for good. */
export async function breakOffIndex(tx: Db, id: string, jobId: string, resumable: boolean): Promise<void> {
  await tables(tx)
    .updateTable('dataset_indexes')
    .set({
      state: resumable ? sql<IndexState>`case when progress is null then 'failed' else 'resumable' end` : 'failed',
      updated_at: new Date(),
    })
    .where('id', '=', id)
    .where('job_id', '=', jobId)
    .where('state', '=', 'building')
    .execute();
}

export async function failIndex(db: Db, id: string): Promise<void> {
  await tables(db)
    .updateTable('dataset_indexes')
    .set({ state: 'failed', updated_at: new Date() })
    .where('id', '=', id)
    .where('state', '=', 'building')
    .execute();
}

/** Indexes that nobody needs any more: those given up, and retired ones but for the newest `keep`. */
export async function findObsoleteIndexes(db: Db, datasetId: string, target: string, keep = 1): Promise<IndexRow[]> {
  const rows = await listIndexes(db, datasetId, target);
  const kept = rows
    .filter((row) => row.state === 'retired')
    .sort((a, b) => Number(b.served_at ?? b.created_at) - Number(a.served_at ?? a.created_at))
    .slice(0, keep);
  return rows.filter(({ state, id }) => {
    if (state === 'retired') return !kept.some((row) => row.id === id);
    return state === 'failed' || state === 'lost';
  });
}

/** Indexes of any dataset that were given up before one time, or broke off before another one and were not gone on with. */
export function findAbandonedIndexes(db: Db, failedBefore: Date, brokenOffBefore: Date): Promise<IndexRow[]> {
  const age = sql<Date>`coalesce(updated_at, created_at)`;
  return tables(db)
    .selectFrom('dataset_indexes')
    .selectAll()
    .where((where) =>
      where.or([
        where.and([where('state', '=', 'failed'), where(age, '<', failedBefore)]),
        where.and([where('state', '=', 'resumable'), where(age, '<', brokenOffBefore)]),
      ]),
    )
    .execute();
}

/** Has an index served no more, and none of its target kept: the sweep removes them. */
export async function giveUpIndexes(tx: Db, datasetId: string, target: string): Promise<void> {
  await tables(tx)
    .updateTable('dataset_indexes')
    .set({ state: 'failed', updated_at: new Date() })
    .where('dataset_id', '=', datasetId)
    .where('target', '=', target)
    .where('state', 'in', ['served', 'retired'])
    .execute();
}

/** Has an index searched no more that its target has no more; says whether it was one that could be. */
export async function loseIndex(tx: Db, id: string): Promise<boolean> {
  const row = await tables(tx)
    .updateTable('dataset_indexes')
    .set({ state: 'lost', updated_at: new Date() })
    .where('id', '=', id)
    .where('state', 'in', ['served', 'retired'])
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** The index that would be served had its target not lost it. */
export async function findLostIndex(db: Db, datasetId: string, target: string): Promise<IndexRow | undefined> {
  return (await listIndexes(db, datasetId, target)).find(({ state }) => state === 'lost');
}

export async function deleteIndex(db: Db, id: string): Promise<void> {
  await tables(db).deleteFrom('dataset_indexes').where('id', '=', id).execute();
}
