import { type Selectable, sql } from 'kysely';
import type { Authority } from '../../../core/auth/authority.ts';
import type { Db } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import type { Cause } from '../../../core/events/cause.ts';
import { storableJson } from '../../../core/storable.ts';
import type { Dataset } from '../contract.ts';
import type { Standing } from './decide.ts';

type PolicyTable = {
  dataset_id: string;
  name: string;
  enabled: boolean;
  params: Record<string, unknown>;
  /** As whom it acts: who put it last, with what that call could do. */
  principal_id: string;
  authority: Omit<Authority, 'principalId'>;
  put_at: Date;
};

type TargetTable = {
  dataset_id: string;
  target: string;
  wanted_version: string | null;
  /** As the ingest before took them. */
  mapping: Record<string, unknown>;
  options: Record<string, unknown>;
  /** Counted up when something else is wanted, or the same once more: what is done about each is done once. */
  generation: number;
  /** When that was. */
  changed_at: Date;
  /** Since when what is wanted is not what is served. */
  behind_since: Date;
  lag_told: boolean;
  /** What of all that was wanted, in a form to compare. */
  wants: string;
  /** Why it is wanted: the event that made it so. */
  event_id: string | null;
  cause: Cause | null;
  /** The jobs that were enqueued for what is wanted now. */
  validate_job: string | null;
  ingest_job: string | null;
  read_at: Date | null;
  /** What the last decision said. */
  standing: Standing;
};

type ConcludedTable = { job_id: string; dataset_id: string; state: string; at: Date };
type Tables = { lake_policies: PolicyTable; lake_targets: TargetTable; lake_concluded: ConcludedTable };

export type PolicyRow = Selectable<PolicyTable>;
export type TargetRow = Selectable<TargetTable>;

export const policyMigrations: Migrations = {
  'lake.0006-policies': sqlMigration(`
    create table if not exists lake_policies (
      dataset_id text not null references datasets (id) on delete cascade,
      name text not null,
      enabled boolean not null,
      params jsonb not null,
      principal_id text not null,
      authority jsonb not null,
      put_at timestamptz not null default now(),
      primary key (dataset_id, name)
    );
    create table if not exists lake_targets (
      dataset_id text not null references datasets (id) on delete cascade,
      target text not null,
      wanted_version text,
      mapping jsonb not null default '{}',
      options jsonb not null default '{}',
      generation bigint not null default 0,
      changed_at timestamptz not null default now(),
      behind_since timestamptz not null default now(),
      lag_told boolean not null default false,
      wants text not null default '',
      event_id text,
      cause jsonb,
      validate_job text,
      ingest_job text,
      read_at timestamptz,
      standing jsonb not null default '{"state":"manual"}',
      primary key (dataset_id, target)
    );
    create table if not exists lake_concluded (
      job_id text primary key,
      dataset_id text not null references datasets (id) on delete cascade,
      state text not null,
      at timestamptz not null
    );
    create index if not exists lake_concluded_dataset on lake_concluded (dataset_id);`),
};

const tables = (db: Db) => db.withTables<Tables>();
const json = (value: unknown) => sql<never>`${storableJson(value)}::jsonb`;

/**
 * The indexes of the dataset of a query's row, for people. Read with every dataset rather than kept: whatever serves an
 * index is seen at once.
 */
export const targetsOfDataset = sql<NonNullable<Dataset['targets']>>`(
  select coalesce(jsonb_agg(jsonb_strip_nulls(
    case
      when served.version = datasets.version then '{"state": "served"}'::jsonb
      when known.standing is not null then known.standing
      when served.version is not null then '{"state": "stale"}'::jsonb
      else '{"state": "manual"}'::jsonb
    end
    || jsonb_build_object(
      'target', one.target,
      'wanted_version', datasets.version,
      'served_version', served.version,
      'staged_version', (
        select building.version from dataset_indexes as building
        where building.dataset_id = datasets.id and building.target = one.target and building.state = 'building'
        order by building.id desc limit 1))) order by one.target), '[]')
  from (
    select target from dataset_indexes where dataset_id = datasets.id
    union select target from lake_targets where dataset_id = datasets.id
  ) as one
  left join dataset_indexes as served
    on served.dataset_id = datasets.id and served.target = one.target and served.state = 'served'
  left join lake_targets as known on known.dataset_id = datasets.id and known.target = one.target)`;

/** The policies of a dataset, by name. */
export function listPolicies(db: Db, datasetId: string): Promise<PolicyRow[]> {
  return tables(db)
    .selectFrom('lake_policies')
    .selectAll()
    .where('dataset_id', '=', datasetId)
    .orderBy('name')
    .execute();
}

export async function putPolicy(tx: Db, policy: Omit<PolicyRow, 'put_at'>): Promise<void> {
  const values = { ...policy, params: json(policy.params), authority: json(policy.authority), put_at: new Date() };
  await tables(tx)
    .insertInto('lake_policies')
    .values(values)
    .onConflict((conflict) => conflict.columns(['dataset_id', 'name']).doUpdateSet(values))
    .execute();
}

export async function deletePolicy(tx: Db, datasetId: string, name: string): Promise<boolean> {
  const result = await tables(tx)
    .deleteFrom('lake_policies')
    .where('dataset_id', '=', datasetId)
    .where('name', '=', name)
    .executeTakeFirst();
  return Number(result.numDeletedRows) === 1;
}

/** Datasets with a policy that is on, a page at a time, and whether one of these looks at uploads. */
export function listAutomated(
  db: Db,
  after: string,
  limit: number,
): Promise<{ dataset_id: string; uploads: boolean }[]> {
  return tables(db)
    .selectFrom('lake_policies')
    .select(['dataset_id', sql<boolean>`coalesce(bool_or(params ->> 'scope' = 'object'), false)`.as('uploads')])
    .where('enabled', '=', true)
    .where('dataset_id', '>', after)
    .groupBy('dataset_id')
    .orderBy('dataset_id')
    .limit(limit)
    .execute();
}

export function listTargets(db: Db, datasetId: string): Promise<TargetRow[]> {
  return tables(db)
    .selectFrom('lake_targets')
    .selectAll()
    .where('dataset_id', '=', datasetId)
    .orderBy('target')
    .execute();
}

/** Adds a target, or changes what is given of it. */
export async function putTarget(
  tx: Db,
  key: { readonly dataset_id: string; readonly target: string },
  change: Partial<Omit<TargetRow, 'dataset_id' | 'target'>>,
): Promise<TargetRow> {
  const { mapping, options, cause, standing, ...plain } = change;
  const values = {
    ...plain,
    ...(mapping && { mapping: json(mapping) }),
    ...(options && { options: json(options) }),
    ...(cause !== undefined && { cause: cause === null ? null : json(cause) }),
    ...(standing && { standing: json(standing) }),
  };
  const now = new Date();
  return tables(tx)
    .insertInto('lake_targets')
    .values({
      ...key,
      wanted_version: null,
      mapping: json({}),
      options: json({}),
      generation: 0,
      changed_at: now,
      behind_since: now,
      lag_told: false,
      wants: '',
      event_id: null,
      cause: null,
      validate_job: null,
      ingest_job: null,
      read_at: null,
      standing: json({ state: 'manual' }),
      ...values,
    })
    .onConflict((conflict) => conflict.columns(['dataset_id', 'target']).doUpdateSet({ target: key.target, ...values }))
    .returningAll()
    .executeTakeFirstOrThrow();
}

/**
 * Notes that a job has done all that policies look at, though it does not say yet that it is over: what is decided from
 * here on must not wait for it, for it will not be looked at again.
 */
export async function concludeJob(tx: Db, job: ConcludedTable): Promise<void> {
  await tables(tx)
    .insertInto('lake_concluded')
    .values(job)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Those jobs, but for the ones that said meanwhile that they are over, which are forgotten. */
export async function listConcluded(tx: Db, datasetId: string, open: readonly string[]): Promise<ConcludedTable[]> {
  await tables(tx)
    .deleteFrom('lake_concluded')
    .where('dataset_id', '=', datasetId)
    .where(sql<boolean>`not (job_id = any(${[...open]}::text[]))`)
    .execute();
  return tables(tx).selectFrom('lake_concluded').selectAll().where('dataset_id', '=', datasetId).execute();
}

/** Notes that somebody reads; at most every few seconds, for it costs a write. */
export async function noteRead(db: Db, datasetId: string, target: string): Promise<void> {
  await tables(db)
    .updateTable('lake_targets')
    .set({ read_at: new Date() })
    .where('dataset_id', '=', datasetId)
    .where('target', '=', target)
    .where(sql<boolean>`(read_at is null or read_at < now() - interval '1 second')`)
    .execute();
}
