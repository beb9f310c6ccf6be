import { type Selectable, sql } from 'kysely';
import type { Authority } from '../auth/authority.ts';
import type { Db } from '../db/database.ts';
import { type Migrations, sqlMigration } from '../db/migrate.ts';
import { type ErrorEnvelope, envelope } from '../errors.ts';
import type { Cause } from '../events/cause.ts';
import { appendEvent, causeOfTransaction } from '../events/store.ts';
import { storableJson } from '../storable.ts';
import type { TraceContext } from '../telemetry/trace-context.ts';
import { type Job, type JobState, terminalStates } from './job.ts';
import { engineStates } from './states.ts';

type JobTable = {
  id: string;
  kind: string;
  handler: string;
  toolset: string;
  principal_id: string;
  /** What its starter could do; null in jobs of earlier releases. */
  authority: Omit<Authority, 'principalId'> | null;
  dataset_id: string | null;
  state: string;
  progress: number;
  counters: Record<string, number>;
  error: ErrorEnvelope['error'] | null;
  input: Record<string, unknown>;
  metadata: Record<string, unknown>;
  /** The execution that may write: `<executor>:<n>`. Whoever lost it is refused. */
  claim: string | null;
  cancel_requested_at: Date | null;
  cancel_reason: string | null;
  timeout_s: number;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  /** What led to it, where no caller did: all that it does takes it over. */
  cause: Cause | null;
  /** The span that enqueued it; null while tracing was off. */
  trace: TraceContext | null;
  /** How often it began. */
  attempts: number;
  /** Until when it waits; while it runs, since when it is to look at what changed. */
  wake_at: Date | null;
};

type Tables = { jobs: JobTable };
type EngineTables = { 'dbos.workflow_status': { workflow_uuid: string; status: string; updated_at: number } };

export type JobRow = Omit<Selectable<JobTable>, 'claim'>;

export const jobMigrations: Migrations = {
  'core.0003-jobs': sqlMigration(`
    create table if not exists jobs (
      id text primary key,
      kind text not null,
      handler text not null,
      toolset text not null,
      principal_id text not null,
      dataset_id text,
      state text not null,
      progress double precision not null default 0,
      counters jsonb not null default '{}',
      error jsonb,
      input jsonb not null,
      metadata jsonb not null default '{}',
      claim text,
      cancel_requested_at timestamptz,
      cancel_reason text,
      timeout_s integer not null,
      created_at timestamptz not null default now(),
      started_at timestamptz,
      finished_at timestamptz
    );
    create index if not exists jobs_dataset on jobs (dataset_id, id);
    create index if not exists jobs_unfinished on jobs (id) where finished_at is null;
    create index if not exists jobs_finished_at on jobs (finished_at);
    create table if not exists job_calls (
      job_id text not null references jobs (id) on delete cascade,
      step integer not null,
      name text not null,
      state text not null,
      result jsonb,
      claim text not null,
      updated_at timestamptz not null default now(),
      primary key (job_id, step)
    );`),
  'core.0021-job-authority': sqlMigration('alter table jobs add column if not exists authority jsonb;'),
  'core.0022-job-traces': sqlMigration(`
    alter table jobs add column if not exists trace jsonb;
    alter table jobs add column if not exists attempts integer not null default 0;`),
};

const json = (value: unknown) => sql<never>`${storableJson(value)}::jsonb`;
const tables = (db: Db) => db.withTables<Tables>();

export interface NewJob {
  readonly id: string;
  readonly kind: string;
  readonly handler: string;
  readonly toolset: string;
  readonly authority: Authority;
  readonly dataset_id: string | null;
  readonly input: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly timeout_s: number;
  readonly trace?: TraceContext | undefined;
}

/** Adds a queued job; answers undefined when a job of that id is there already. */
export async function insertJob(tx: Db, { authority, ...job }: NewJob): Promise<JobRow | undefined> {
  const { principalId, ...acting } = authority;
  const row = await tables(tx)
    .insertInto('jobs')
    .values({
      ...job,
      principal_id: principalId,
      authority: json(acting),
      state: 'queued',
      progress: 0,
      counters: json({}),
      error: null,
      input: json(job.input),
      metadata: json(job.metadata),
      trace: job.trace ? json(job.trace) : null,
      attempts: 0,
      wake_at: null,
      claim: null,
      cancel_requested_at: null,
      cancel_reason: null,
      created_at: new Date(),
      started_at: null,
      finished_at: null,
      cause: causeOfTransaction,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returningAll()
    .executeTakeFirst();
  if (row) await appendUpdate(tx, row);
  return row;
}

/** Every change of a job that callers can see appends the whole of it to the events, in the change's transaction. */
export async function appendUpdate(tx: Db, row: JobRow): Promise<void> {
  await appendEvent(tx, {
    type: 'job.updated',
    subject: `job:${row.id}`,
    toolset: row.toolset,
    owner: row.principal_id,
    ...(row.dataset_id !== null && { datasetId: row.dataset_id }),
    data: toJob(row),
    ...(row.cause && { cause: row.cause }),
  });
}

/** The state of `jobs` joined with the engine's `workflow`: what both say together. */
const stateExpression = sql<string>`case
  when jobs.state in (${sql.join(terminalStates.map((state) => sql.lit(state)))}) then jobs.state
  ${sql.join(
    Object.entries(engineStates).map(
      ([engine, job]) => sql`when workflow.status = ${sql.lit(engine)} then ${sql.lit(job)}`,
    ),
    sql` `,
  )}
  else jobs.state end`;

/** When a job ended; by the engine's word where only the engine ended it. */
const finishedExpression = sql<Date | null>`coalesce(jobs.finished_at,
  case when workflow.status in (${sql.join(Object.keys(engineStates).map((state) => sql.lit(state)))})
  then to_timestamp(workflow.updated_at / 1000.0) end)`;

/** Jobs joined with the engine. */
function joined(db: Db) {
  return db
    .withTables<Tables & EngineTables>()
    .selectFrom('jobs')
    .leftJoin('dbos.workflow_status as workflow', 'workflow.workflow_uuid', 'jobs.id')
    .selectAll('jobs')
    .select([stateExpression.as('state'), finishedExpression.as('finished_at')]);
}

export function findJob(db: Db, id: string): Promise<JobRow | undefined> {
  return joined(db).where('jobs.id', '=', id).executeTakeFirst();
}

export interface JobFilter {
  readonly toolsets: readonly string[];
  /** Only jobs of this principal; undefined for one who sees all. */
  readonly owner: string | undefined;
  readonly dataset_id: string | undefined;
  readonly kind: string | undefined;
  readonly state: string | undefined;
  /** Only jobs older than the one of this id. */
  readonly before: string | undefined;
  readonly limit: number;
}

/** Newest first. */
export function listJobs(db: Db, filter: JobFilter): Promise<JobRow[]> {
  if (filter.toolsets.length === 0) return Promise.resolve([]);
  let query = joined(db).where('jobs.toolset', 'in', [...filter.toolsets]);
  if (filter.owner !== undefined) query = query.where('jobs.principal_id', '=', filter.owner);
  if (filter.dataset_id !== undefined) query = query.where('jobs.dataset_id', '=', filter.dataset_id);
  if (filter.kind !== undefined) query = query.where('jobs.kind', '=', filter.kind);
  if (filter.state !== undefined) query = query.where(stateExpression, '=', filter.state);
  if (filter.before !== undefined) query = query.where('jobs.id', '<', filter.before);
  return query.orderBy('jobs.id', 'desc').limit(filter.limit).execute();
}

/** Ids of a dataset's jobs that have not ended, oldest first. */
export async function listUnfinished(db: Db, datasetId: string): Promise<string[]> {
  const query = joined(db).where('jobs.dataset_id', '=', datasetId).where(finishedExpression, 'is', null);
  return (await query.orderBy('jobs.id').execute()).map((row) => row.id);
}

/** A dataset's jobs that have not ended, oldest first. */
export function findUnfinished(db: Db, datasetId: string): Promise<JobRow[]> {
  return joined(db)
    .where('jobs.dataset_id', '=', datasetId)
    .where(finishedExpression, 'is', null)
    .orderBy('jobs.id')
    .execute();
}

/** Takes a job for one execution, which makes it run. Undefined when it has ended. */
export async function claimJob(tx: Db, id: string, claim: string): Promise<JobRow | undefined> {
  // An update alone passes by a row that has ended by what is committed, and does not wait for who is reviving it just now.
  await tables(tx).selectFrom('jobs').select('id').where('id', '=', id).forUpdate().execute();
  const row = await tables(tx)
    .updateTable('jobs')
    .set({
      claim,
      state: 'running',
      started_at: sql`coalesce(started_at, now())`,
      attempts: sql`attempts + 1`,
      wake_at: null,
    })
    .where('id', '=', id)
    .where('state', 'not in', [...terminalStates])
    .returningAll()
    .executeTakeFirst();
  if (row) await appendUpdate(tx, row);
  return row;
}

/** Takes every job from an executor that is gone, so that it can write no more should it come back. */
export async function disownJobs(db: Db, executor: string): Promise<void> {
  await tables(db)
    .updateTable('jobs')
    .set({ claim: null })
    .where((where) => where(where.fn('starts_with', ['claim', where.val(`${executor}:`)]), '=', where.val(true)))
    .execute();
}

/** Holds a job's row for its owner until the transaction ends; undefined when another one owns it. */
export async function holdOwned(
  tx: Db,
  id: string,
  claim: string,
): Promise<Pick<JobRow, 'cancel_requested_at' | 'cancel_reason'> | undefined> {
  return tables(tx)
    .selectFrom('jobs')
    .select(['cancel_requested_at', 'cancel_reason'])
    .where('id', '=', id)
    .where('claim', '=', claim)
    .forUpdate()
    .executeTakeFirst();
}

/** Changes a job on behalf of its owner; answers whether it still was the owner. */
export async function updateOwned(
  tx: Db,
  id: string,
  claim: string,
  change: {
    state?: JobState;
    progress?: number;
    counters?: Readonly<Record<string, number>>;
    error?: ErrorEnvelope['error'];
    metadata?: Readonly<Record<string, unknown>>;
    finished?: boolean;
  },
): Promise<boolean> {
  const { counters, error, metadata, finished, ...plain } = change;
  const row = await tables(tx)
    .updateTable('jobs')
    .set({
      ...plain,
      ...(counters && { counters: sql`counters || ${json(counters)}` }),
      ...(error && { error: json(error) }),
      ...(metadata && { metadata: sql`metadata || ${json(metadata)}` }),
      ...(finished && { finished_at: sql`now()` }),
    })
    .where('id', '=', id)
    .where('claim', '=', claim)
    .returningAll()
    .executeTakeFirst();
  if (row) await appendUpdate(tx, row);
  return row !== undefined;
}

/** Asks a job to stop. One that is still queued ends at once; answers the state it is in now, undefined when it had ended. */
export async function requestCancel(tx: Db, id: string, reason: string | null): Promise<string | undefined> {
  const row = await tables(tx)
    .updateTable('jobs')
    .set({
      cancel_requested_at: sql`coalesce(cancel_requested_at, now())`,
      cancel_reason: reason,
      state: sql`case when state = 'queued' then 'canceled' else state end`,
      finished_at: sql`case when state = 'queued' then now() else finished_at end`,
      wake_at: sql`case when state = 'waiting' then now() else wake_at end`,
    })
    .where('id', '=', id)
    .where('state', 'not in', [...terminalStates])
    .returningAll()
    .executeTakeFirst();
  if (!row) return undefined;
  await sql`select pg_notify('tutti_jobs', ${id})`.execute(tx);
  await appendUpdate(tx, row);
  return row.state;
}

/** Ends a job that waits in the queue; answers whether it did. One that begins at this moment goes on: nobody waits for it. */
export async function cancelQueued(tx: Db, id: string, reason: string): Promise<boolean> {
  const waits = await tables(tx)
    .selectFrom('jobs')
    .select('id')
    .where('id', '=', id)
    .where('state', '=', 'queued')
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  return waits !== undefined && (await requestCancel(tx, id, reason)) !== undefined;
}

/** Puts an ended job back to its start, for another run of its open steps. Locks the row until the transaction ends. */
export async function requeueJob(tx: Db, id: string): Promise<void> {
  const row = await tables(tx)
    .updateTable('jobs')
    .set({
      state: 'queued',
      error: null,
      started_at: null,
      finished_at: null,
      claim: null,
      cancel_requested_at: null,
      cancel_reason: null,
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (row) await appendUpdate(tx, row);
}

/** Ids of jobs that ended before a time, oldest first. */
export async function findFinishedBefore(db: Db, time: Date, limit: number): Promise<string[]> {
  const rows = await joined(db).where(finishedExpression, '<', time).orderBy('jobs.id').limit(limit).execute();
  return rows.map((row) => row.id);
}

export async function deleteJobs(db: Db, ids: readonly string[]): Promise<void> {
  await tables(db)
    .deleteFrom('jobs')
    .where('id', 'in', [...ids])
    .execute();
}

/** The public form of a row. */
export function toJob(row: JobRow): Job {
  return {
    id: row.id,
    kind: row.kind,
    dataset_id: row.dataset_id,
    state: row.state,
    progress: row.progress,
    counters: { inserted: 0, updated: 0, errors: 0, ...row.counters },
    ...((row.error ?? givenUp(row)) && { error: row.error ?? givenUp(row) }),
    created_at: row.created_at.toISOString(),
    ...(row.started_at && { started_at: row.started_at.toISOString() }),
    ...(row.finished_at && { finished_at: row.finished_at.toISOString() }),
    metadata: { ...row.metadata, ...(row.cancel_reason && { cancel_reason: row.cancel_reason }) },
  };
}

/** The error of a job that the engine ended beneath its handler. */
function givenUp(row: JobRow): ErrorEnvelope['error'] | undefined {
  if (row.state !== 'failed') return undefined;
  const { error } = envelope(undefined);
  return { ...error, message: 'The job was given up: its process ended again and again while it ran.' };
}
