import { sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import { appendEvent, causeOfTransaction } from '../../../core/events/store.ts';
import { storableJson } from '../../../core/storable.ts';
import type { RunStatus } from '../contract.ts';
import { type Payload, type RunError, type RunRow, runSubject } from './run.ts';

export const runMigrations: Migrations = {
  'workflows.0002-runs': sqlMigration(`
    create table if not exists workflow_runs (
      id text primary key,
      job_id text not null,
      workflow text collate "C" not null,
      version integer not null,
      owner text not null,
      authority jsonb not null,
      status text not null,
      trigger jsonb not null,
      input jsonb not null,
      output jsonb,
      summary text,
      error jsonb,
      counts jsonb not null default '{}',
      seed text not null,
      redrives integer not null default 0,
      cause jsonb,
      created_at timestamptz not null default clock_timestamp(),
      dispatched_at timestamptz,
      started_at timestamptz,
      ended_at timestamptz
    );
    create unique index if not exists workflow_runs_job on workflow_runs (job_id);
    create index if not exists workflow_runs_owner on workflow_runs (owner, id);
    create index if not exists workflow_runs_workflow on workflow_runs (workflow, id);
    create index if not exists workflow_runs_open on workflow_runs (workflow, id) where ended_at is null;
    create index if not exists workflow_runs_ended on workflow_runs (ended_at) where ended_at is not null;`),
};

const json = (value: unknown) => sql<never>`${storableJson(value)}::jsonb`;

/** Its job goes on after the run had ended: somebody said what became of a call in doubt. */
const resumed = sql`(r.ended_at is not null and j.id is not null and j.finished_at is null)`;
const status = sql`case when ${resumed} then 'queued' when r.ended_at is null and j.finished_at is not null
  then case j.state when 'succeeded' then 'failed' else j.state end else r.status end`;

/** A job that ended beneath its run says how that ended; otherwise the run itself does. */
const shown = sql`
  r.id, r.job_id, r.workflow, r.version, r.owner, r.authority, r.trigger, r.input, r.output, r.summary, r.error, r.counts,
  r.seed, r.redrives, r.cause, r.created_at, r.dispatched_at, r.started_at,
  case when ${resumed} then null else coalesce(r.ended_at, j.finished_at) end as ended_at, ${status} as status`;
const joined = sql`select ${shown} from workflow_runs r left join jobs j on j.id = r.job_id`;

export async function findRun(db: Db, id: string): Promise<RunRow | undefined> {
  return (await sql<RunRow>`${joined} where r.id = ${id}`.execute(db)).rows[0];
}

/** The run, which nobody else changes until the transaction ends. Its job is locked first, as its handler does. */
export async function lockRun(tx: Db, id: string): Promise<RunRow | undefined> {
  await sql`select from jobs j join workflow_runs r on r.job_id = j.id where r.id = ${id} for update of j`.execute(tx);
  await sql`select from workflow_runs where id = ${id} for update`.execute(tx);
  return findRun(tx, id);
}

export type NewRun = Pick<
  RunRow,
  'id' | 'job_id' | 'workflow' | 'version' | 'owner' | 'authority' | 'trigger' | 'input' | 'seed'
>;

/** Adds a queued run, and says so. */
export async function insertRun(tx: Db, run: NewRun): Promise<RunRow> {
  await sql`
    insert into workflow_runs (id, job_id, workflow, version, owner, authority, status, trigger, input, seed, cause)
    values (${run.id}, ${run.job_id}, ${run.workflow}, ${run.version}, ${run.owner}, ${json(run.authority)}, 'queued',
      ${json(run.trigger)}, ${json(run.input)}, ${run.seed}, ${causeOfTransaction})`.execute(tx);
  return told(tx, run.id);
}

/** Notes that the job of a run is in its queue. */
export async function markDispatched(tx: Db, id: string): Promise<void> {
  await sql`update workflow_runs set dispatched_at = clock_timestamp() where id = ${id}`.execute(tx);
}

/** A run begins, or goes on after it ended in doubt or waited. */
export async function beginRun(tx: Db, id: string): Promise<RunRow> {
  await sql`
    update workflow_runs set status = 'running', ended_at = null,
      started_at = case when ended_at is null then coalesce(started_at, clock_timestamp()) else clock_timestamp() end,
      error = null, output = null, summary = null
    where id = ${id}`.execute(tx);
  return told(tx, id);
}

export async function setRunStatus(tx: Db, id: string, status: RunStatus): Promise<void> {
  const result = await sql`
    update workflow_runs set status = ${status} where id = ${id} and status <> ${status} and ended_at is null`.execute(
    tx,
  );
  if (Number(result.numAffectedRows ?? 0) > 0) await told(tx, id);
}

/** Writes down what was counted so far, without an event. */
export async function setCounts(tx: Db, id: string, counts: Readonly<Record<string, number>>): Promise<void> {
  await sql`update workflow_runs set counts = ${json(counts)} where id = ${id}`.execute(tx);
}

export interface RunEnd {
  readonly status: RunStatus;
  readonly summary: string | null;
  readonly output?: Payload | null;
  readonly error?: RunError | null;
  readonly counts?: Readonly<Record<string, number>>;
}

/** Ends a run, and says so. */
export async function endRun(tx: Db, id: string, end: RunEnd): Promise<RunRow> {
  const { output = null, error = null, counts } = end;
  await sql`
    update workflow_runs set status = ${end.status}, summary = ${end.summary}, output = ${output && json(output)},
      error = ${error && json(error)}, counts = ${counts === undefined ? sql`counts` : json(counts)},
      ended_at = clock_timestamp()
    where id = ${id}`.execute(tx);
  return told(tx, id);
}

/** Puts an ended run back to its queue, for a redrive. */
export async function reopenRun(tx: Db, id: string): Promise<RunRow> {
  await sql`
    update workflow_runs set status = 'queued', redrives = redrives + 1, started_at = null, ended_at = null, error = null, output = null,
      summary = null
    where id = ${id}`.execute(tx);
  return told(tx, id);
}

export interface RunFilter {
  /** Only runs of this principal; undefined for one who sees all. */
  readonly owner: string | undefined;
  readonly workflow?: string | undefined;
  readonly status?: string | undefined;
  readonly trigger?: string | undefined;
  readonly since?: Date | undefined;
}

function wanted({ owner, workflow, trigger, since, ...filter }: RunFilter) {
  const conditions = [sql`true`];
  if (owner !== undefined) conditions.push(sql`r.owner = ${owner}`);
  if (workflow !== undefined) conditions.push(sql`r.workflow = ${workflow}`);
  if (filter.status !== undefined) conditions.push(sql`${status} = ${filter.status}`);
  if (trigger !== undefined) conditions.push(sql`r.trigger->>'kind' = ${trigger}`);
  if (since !== undefined) conditions.push(sql`r.created_at >= ${since}`);
  return sql.join(conditions, sql` and `);
}

/** Newest first; `before` is the id of the last one of the page before. */
export async function listRuns(
  db: Db,
  filter: RunFilter,
  page: { readonly before?: string | undefined; readonly limit: number },
): Promise<RunRow[]> {
  const older = page.before === undefined ? sql`true` : sql`r.id < ${page.before}`;
  const { rows } = await sql<RunRow>`${joined} where ${wanted(filter)} and ${older}
    order by r.id desc limit ${page.limit}`.execute(db);
  return rows;
}

/** How many runs have not ended, by status. */
export async function countOpen(db: Db, owner: string | undefined): Promise<{ status: string; count: number }[]> {
  const { rows } = await sql<{ status: string; count: number }>`
    select ${status} as status, count(*)::int as count from workflow_runs r left join jobs j on j.id = r.job_id
    where ${wanted({ owner })} and r.ended_at is null and j.finished_at is null group by 1`.execute(db);
  return rows;
}

/** The newest run of each of these workflows that the principal may see. */
export async function newestRuns(
  db: Db,
  workflows: readonly string[],
  owner: string | undefined,
): Promise<Map<string, RunRow>> {
  const { rows } = await sql<RunRow>`
    select run.* from unnest(${[...workflows]}::text[]) as w (name), lateral (
      ${joined} where ${wanted({ owner })} and r.workflow = w.name order by r.id desc limit 1) as run`.execute(db);
  return new Map(rows.map((row) => [row.workflow, row]));
}

/** What changed is told in the transaction that changed it: who, how and how far, but nothing of what it works on. */
async function told(tx: Db, id: string): Promise<RunRow> {
  const row = await findRun(tx, id);
  if (!row) throw new Error(`no workflow run ${id}`);
  await appendEvent(tx, {
    type: 'workflow.run_updated',
    subject: runSubject(id),
    toolset: 'workflows',
    owner: row.owner,
    data: {
      run_id: id,
      workflow: row.workflow,
      version: row.version,
      status: row.status,
      trigger: row.trigger.kind,
      counts: row.counts,
      redrives: row.redrives,
      created_at: row.created_at.toISOString(),
      ...(row.started_at && { started_at: row.started_at.toISOString() }),
      ...(row.ended_at && { ended_at: row.ended_at.toISOString() }),
    },
    ...(row.cause && { cause: row.cause }),
  });
  return row;
}

/** Runs that ended before a time, oldest first. */
export async function listOldRuns(db: Db, before: Date, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from workflow_runs where ended_at < ${before} order by ended_at limit ${limit}`.execute(db);
  return rows.map(({ id }) => id);
}

/** Removes runs with their history and approvals. */
export async function deleteRuns(tx: Db, ids: readonly string[]): Promise<void> {
  await sql`delete from workflow_runs where id = any(${[...ids]}::text[])`.execute(tx);
}
