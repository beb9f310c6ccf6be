import { type Selectable, sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';
import type { ErrorEnvelope } from '../../../core/errors.ts';
import { storableJson } from '../../../core/storable.ts';
import type { JobSpec } from '../contract.ts';
import { awayEngines } from '../engines/store.ts';

/** How the container of a run ended. */
export interface Outcome {
  readonly how: 'finished' | 'ended' | 'stopped' | 'gone';
  /** By the engine's word; null where it has none. */
  readonly exit_code: number | null;
  readonly out_of_memory: boolean;
  /** Commands that began. */
  readonly steps: number;
  /** Why nothing came of it, where its container is not to blame. */
  readonly error?: ErrorEnvelope['error'];
}

type RunTable = {
  /** Of the job in `jobs`. */
  id: string;
  /** The public id, unique over all principals. */
  name: string;
  principal_id: string;
  engine: string;
  spec: JobSpec;
  image: string;
  fingerprint: string;
  /** Bears the markers of its script. */
  token: string;
  intent: string | null;
  tags: string[];
  triggered_by: string;
  parent_job_id: string | null;
  metadata: Record<string, unknown>;
  /** Why it waits. */
  reason: string | null;
  container_id: string | null;
  container_removed: boolean;
  /** It could not be removed when that was last tried. */
  cleanup_failed: boolean;
  expires_at: Date | null;
  /** Set before the script is first sent: from then on it may have run. */
  dispatched_at: Date | null;
  /** Its artifacts are all taken; afterwards there is nothing to take them from. */
  collected: boolean;
  artifact_problems: { name: string; reason: string }[];
  usage: Record<string, number> | null;
  /** How its container ended, once that is known: from then on it may be removed. */
  outcome: Outcome | null;
  environment: { image_digest?: string; docker_version?: string };
  created_at: Date;
  /** These four are kept here from when its row in `jobs` is gone. */
  state: string | null;
  error: ErrorEnvelope['error'] | null;
  started_at: Date | null;
  finished_at: Date | null;
};

type StepTable = {
  run_id: string;
  n: number;
  command: string;
  exit_code: number | null;
  stdout: string;
  stderr: string;
  stdout_bytes: number;
  stderr_bytes: number;
  stdout_cut: number;
  stderr_cut: number;
  duration_seconds: number | null;
  began_at: Date | null;
};

type Tables = { ops_runs: RunTable; ops_steps: StepTable };

export type RunRow = Selectable<RunTable> & { readonly state: string };
export type StepRow = Selectable<StepTable>;

const json = (value: unknown) => sql<never>`${storableJson(value)}::jsonb`;
const tables = (db: Db) => db.withTables<Tables>();

export type NewRun = Pick<
  RunTable,
  | 'id'
  | 'name'
  | 'principal_id'
  | 'engine'
  | 'spec'
  | 'fingerprint'
  | 'token'
  | 'intent'
  | 'tags'
  | 'triggered_by'
  | 'parent_job_id'
  | 'metadata'
>;

/** Adds a run, whose job is about to be queued; undefined when its name is taken. */
export async function insertRun(tx: Db, run: NewRun): Promise<RunRow | undefined> {
  const added = await tables(tx)
    .insertInto('ops_runs')
    .values({
      ...run,
      spec: json(run.spec),
      image: run.spec.image,
      metadata: json(run.metadata),
      container_removed: false,
      cleanup_failed: false,
      collected: false,
      artifact_problems: json([]),
      environment: json({}),
      created_at: new Date(),
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returningAll()
    .executeTakeFirst();
  return added && { ...added, state: 'queued' };
}

/** A run with the state of its job, as `jobs` has it, or had it when its row went. */
const joined = sql`select r.*, coalesce(j.state, r.state, 'failed') as state, coalesce(j.error, r.error) as error,
    coalesce(j.started_at, r.started_at) as started_at, coalesce(j.finished_at, r.finished_at) as finished_at
  from ops_runs r left join jobs j on j.id = r.id`;

export async function findRun(db: Db, id: string): Promise<RunRow | undefined> {
  return (await sql<RunRow>`${joined} where r.id = ${id}`.execute(db)).rows[0];
}

export async function findRunByName(db: Db, name: string): Promise<RunRow | undefined> {
  return (await sql<RunRow>`${joined} where r.name = ${name}`.execute(db)).rows[0];
}

export interface RunFilter {
  /** Only runs of this principal; undefined for one who sees all. */
  readonly owner: string | undefined;
  readonly states: readonly string[] | undefined;
  readonly ended: boolean;
}

function wanted({ owner, states, ended }: RunFilter) {
  const state = sql`coalesce(j.state, r.state, 'failed')`;
  return sql.join(
    [
      sql`true`,
      ...(owner === undefined ? [] : [sql`r.principal_id = ${owner}`]),
      ...(states === undefined ? [] : [sql`${state} = any(${[...states]}::text[])`]),
      ...(ended ? [sql`(j.id is null or j.finished_at is not null)`] : []),
    ],
    sql` and `,
  );
}

/** Newest first; `before` is the id of the last one of the page before. */
export async function listRuns(
  db: Db,
  filter: RunFilter,
  page: { readonly before: string | undefined; readonly limit: number },
): Promise<RunRow[]> {
  const older = page.before === undefined ? sql`true` : sql`r.id < ${page.before}`;
  const { rows } = await sql<RunRow>`${joined} where ${wanted(filter)} and ${older}
    order by r.id desc limit ${page.limit}`.execute(db);
  return rows;
}

export async function countRuns(db: Db, filter: RunFilter): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from ops_runs r left join jobs j on j.id = r.id where ${wanted(filter)}`.execute(db);
  return rows[0]?.count ?? 0;
}

/** Ended runs from before a time, oldest first. */
export async function listOldRuns(
  db: Db,
  owner: string | undefined,
  before: Date,
  limit: number,
): Promise<{ id: string; name: string }[]> {
  const { rows } = await sql<{ id: string; name: string }>`
    select r.id, r.name from ops_runs r left join jobs j on j.id = r.id
    where ${wanted({ owner, states: undefined, ended: true })}
      and coalesce(j.finished_at, r.finished_at, r.created_at) < ${before}
    order by r.id limit ${limit}`.execute(db);
  return rows;
}

/** Earlier ended runs of the same work by the same principal, newest first, at most 100. */
export async function listTwins(db: Db, run: RunRow): Promise<RunRow[]> {
  const { rows } = await sql<RunRow>`${joined}
    where r.fingerprint = ${run.fingerprint} and r.principal_id = ${run.principal_id} and r.id < ${run.id}
      and (j.id is null or j.finished_at is not null)
    order by r.id desc limit 100`.execute(db);
  return rows;
}

export async function deleteRuns(tx: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tables(tx)
    .deleteFrom('ops_runs')
    .where('id', 'in', [...ids])
    .execute();
}

/** Notes why a run waits, or that it waits no more. */
export async function setReason(db: Db, id: string, reason: string | null): Promise<void> {
  await tables(db)
    .updateTable('ops_runs')
    .set({ reason })
    .where('id', '=', id)
    .where('reason', 'is distinct from', reason)
    .execute();
}

/** Notes that the script may run from now on, and in what. */
export async function markDispatched(db: Db, id: string, environment: RunTable['environment']): Promise<Date> {
  const row = await tables(db)
    .updateTable('ops_runs')
    .set({ dispatched_at: sql`coalesce(dispatched_at, now())`, environment: json(environment), reason: null })
    .where('id', '=', id)
    .returning('dispatched_at')
    .executeTakeFirstOrThrow();
  return row.dispatched_at ?? new Date();
}

/** Notes that all artifacts are taken, and which are not among them. */
export async function markCollected(tx: Db, id: string, problems: RunTable['artifact_problems']): Promise<void> {
  await tables(tx)
    .updateTable('ops_runs')
    .set({ collected: true, artifact_problems: json(problems) })
    .where('id', '=', id)
    .execute();
}

/**
 * Notes how a run ended and what it used, leaves of its variables what may be shown, and gives its container up, to be removed.
 * Answers how it ended: whoever says so first has the word, for whoever comes later may have found its container removed already.
 */
export async function closeRun(
  tx: Db,
  id: string,
  end: {
    readonly outcome: Outcome;
    readonly usage: Readonly<Record<string, number>> | null;
    readonly env: Readonly<Record<string, string>>;
  },
): Promise<Outcome | undefined> {
  const row = await tx
    .withTables<Tables & { ops_containers: { run_id: string | null; state: string } }>()
    .with('given_up', (one) => one.updateTable('ops_containers').set({ state: 'ended' }).where('run_id', '=', id))
    .updateTable('ops_runs')
    .set({
      reason: null,
      outcome: sql`coalesce(outcome, ${json(end.outcome)})`,
      spec: sql`jsonb_set(spec, '{env}', ${json(end.env)})`,
      ...(end.usage && { usage: sql`coalesce(usage, ${json(end.usage)})` }),
    })
    .where('id', '=', id)
    .returning('outcome')
    .executeTakeFirst();
  return row?.outcome ?? undefined;
}

/** Runs that ended without their handler: canceled while they waited, or given up by the engine of jobs. */
export async function listUnclosedRuns(db: Db, limit: number): Promise<RunRow[]> {
  const { rows } = await sql<RunRow>`${joined}
    where r.outcome is null and (j.id is null or j.finished_at is not null) order by r.id limit ${limit}`.execute(db);
  return rows;
}

/**
 * Runs that nobody can end who reaches their container, for nobody reaches their engine: those that waited for it for longer than
 * they may take, and those that a process left which is gone, once their time is over or they were canceled.
 */
export async function listStuckRuns(db: Db, limit: number): Promise<(RunRow & { readonly canceled: boolean })[]> {
  const timeout = sql`(r.spec->>'timeout')::integer * interval '1 second'`;
  const left = sql`(j.state = 'running' and j.claim is null)`;
  const { rows } = await sql<RunRow & { canceled: boolean }>`
    select stuck.*, j.cancel_requested_at is not null as canceled
    from (${joined}) as stuck join jobs j on j.id = stuck.id join ops_runs r on r.id = stuck.id
      join ops_engines e on e.name = r.engine
    where r.outcome is null and r.engine in ${awayEngines} and (
      (j.state = 'queued' and greatest(r.created_at, e.seen_at) + ${timeout} < now())
      or (${left} and j.started_at + ${timeout} < now())
      or (${left} and j.cancel_requested_at is not null))
    order by r.id limit ${limit}`.execute(db);
  return rows;
}

export function listSteps(db: Db, runId: string): Promise<StepRow[]> {
  return tables(db).selectFrom('ops_steps').selectAll().where('run_id', '=', runId).orderBy('n').execute();
}

/** Writes steps down as they are now; those of before that are not among them stay. */
export async function putSteps(tx: Db, steps: readonly StepRow[]): Promise<void> {
  for (const step of steps) {
    await tables(tx)
      .insertInto('ops_steps')
      .values(step)
      .onConflict((conflict) => conflict.columns(['run_id', 'n']).doUpdateSet(step))
      .execute();
  }
}
