import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { type Migrations, sqlMigration } from '../../db/migrate.ts';
import { appendUpdate, type JobRow } from '../store.ts';

export const parkingMigrations: Migrations = {
  'core.0032-parking': sqlMigration(`
    alter table jobs add column if not exists wake_at timestamptz;
    create index if not exists jobs_wake_at on jobs (wake_at) where state = 'waiting';
    alter table job_calls add column if not exists rewind_to integer;`),
};

/**
 * Leaves a job to wait until a time, on behalf of its owner, which has it no longer; answers whether it was the owner. The
 * wait ends with the job's deadline, and at once when somebody woke or canceled the job since it was claimed.
 */
export async function parkOwned(tx: Db, id: string, claim: string, wakeAt: Date): Promise<boolean> {
  const { rows } = await sql<JobRow>`
    update jobs set state = 'waiting', claim = null,
      wake_at = case when wake_at is not null or cancel_requested_at is not null then now()
        else least(${wakeAt}, coalesce(started_at, now()) + make_interval(secs => timeout_s)) end
    where id = ${id} and claim = ${claim} returning jobs.*`.execute(tx);
  for (const row of rows) await appendUpdate(tx, row);
  return rows.length > 0;
}

/**
 * Has a job look at what changed in this transaction: one that waits goes on, one that runs tells its `onWake`, and one that
 * is about to wait does not.
 */
export async function wakeJob(tx: Db, id: string): Promise<void> {
  await sql`update jobs set wake_at = now() where id = ${id} and finished_at is null`.execute(tx);
  await sql`select pg_notify('tutti_jobs', ${id})`.execute(tx);
}

/** Takes note that these running jobs were woken; answers which were. */
export async function takeWakes(db: Db, claims: readonly string[]): Promise<readonly string[]> {
  const { rows: woken } = await sql`
    select 1 from jobs where state = 'running' and wake_at is not null and claim = any(${claims}) limit 1`.execute(db);
  if (woken.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    update jobs set wake_at = null where state = 'running' and wake_at is not null and claim = any(${claims})
    returning id`.execute(db);
  return rows.map(({ id }) => id);
}

/** The row of a job, locked until the statement's transaction ends, where a claim still owns it. */
export function ownedRow(id: string, claim: string): RawBuilder<unknown> {
  return sql`select id from jobs where id = ${id} and claim = ${claim} for update`;
}

/** What a waiting job needs for the engine to take it up again: the engine must have ended its workflow. */
const due = sql`jobs.state = 'waiting' and jobs.wake_at <= now() and workflow.status = 'SUCCESS'`;

/** Jobs whose wait is over, those that were due first at the front. */
export async function findDue(db: Db, limit: number): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select jobs.id from jobs join dbos.workflow_status as workflow on workflow.workflow_uuid = jobs.id
    where ${due} order by jobs.wake_at limit ${limit}`.execute(db);
  return rows.map(({ id }) => id);
}

/** Holds a job whose wait is over until the transaction ends; undefined when another process has it, or it is not due. */
export async function holdDue(tx: Db, id: string): Promise<{ readonly queue: string | null } | undefined> {
  await sql`select from jobs where id = ${id} and state = 'waiting' for update skip locked`.execute(tx);
  // Asked again once it is held: whoever held it before may have put it back, which the statement above need not have seen.
  const { rows } = await sql<{ queue: string | null }>`
    select workflow.queue_name as queue from jobs
    join dbos.workflow_status as workflow on workflow.workflow_uuid = jobs.id
    where jobs.id = ${id} and ${due} for update of jobs skip locked`.execute(tx);
  return rows[0];
}
