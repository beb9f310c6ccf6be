import { sql } from 'kysely';
import { sha256 } from '../../../core/canonical.ts';
import type { Db } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import { appendEvent } from '../../../core/events/store.ts';
import { storableJson } from '../../../core/storable.ts';
import type { WatchedRun } from './look.ts';

export const watchMigrations: Migrations = {
  'orchestra.0001-watches': sqlMigration(`
    create table if not exists orchestra_watches (
      job_id text primary key references jobs (id) on delete cascade,
      seen jsonb,
      failing_since timestamptz,
      created_at timestamptz not null default now()
    );`),
};

/** How far the watch of a job is. */
export interface Watch {
  readonly job_id: string;
  /** The run as it was told last; null before the first look. */
  readonly seen: WatchedRun | null;
  /** Since when looks fail for a reason that need not pass by itself; null while they do not. */
  readonly failing_since: Date | null;
  readonly created_at: Date;
}

export async function insertWatch(tx: Db, jobId: string): Promise<void> {
  await sql`insert into orchestra_watches (job_id) values (${jobId})`.execute(tx);
}

export async function findWatch(db: Db, jobId: string): Promise<Watch | undefined> {
  const { rows } = await sql<Watch>`select * from orchestra_watches where job_id = ${jobId}`.execute(db);
  return rows[0];
}

export async function noteFailing(tx: Db, jobId: string): Promise<void> {
  await sql`update orchestra_watches set failing_since = coalesce(failing_since, now()) where job_id = ${jobId}`.execute(
    tx,
  );
}

/** Keeps what a look found, and tells it where anything changed since the last one; answers whether anything did. */
export async function keepSeen(tx: Db, watch: Watch, owner: string, run: WatchedRun): Promise<boolean> {
  const same = watch.seen !== null && sha256(watch.seen) === sha256(run);
  if (same && watch.failing_since === null) return false;
  const { rows } = await sql`
    update orchestra_watches set seen = ${storableJson(run)}::jsonb, failing_since = null
    where job_id = ${watch.job_id} returning 1`.execute(tx);
  // The job was removed meanwhile.
  if (rows.length === 0 || same) return false;
  await appendEvent(tx, {
    type: 'orchestra_run.updated',
    subject: `orchestra-run:${run.pipeline_run_id}`,
    toolset: 'orchestra',
    owner,
    data: { ...run, job_id: watch.job_id, ...(watch.seen && { previous_status: watch.seen.status }) },
  });
  return true;
}
