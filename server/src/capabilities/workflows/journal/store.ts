import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import { storableJson } from '../../../core/storable.ts';
import type { Counts } from '../machine/needs.ts';
import type { Payload } from '../runs/run.ts';
import type { PayloadColumn, StateRow } from './row.ts';

export const journalMigrations: Migrations = {
  'workflows.0010-states': sqlMigration(`
    create table if not exists workflow_states (
      run_id text not null references workflow_runs (id) on delete cascade,
      path text collate "C" not null,
      generation integer not null,
      seq integer not null,
      scope text collate "C" not null,
      name text not null,
      type text not null,
      status text not null,
      attempts jsonb not null,
      tries integer not null,
      next text,
      error jsonb,
      server text,
      tool text,
      entered_at text not null,
      exited_at text,
      wake_at text,
      ms integer,
      sealed boolean not null,
      sealed_input boolean not null,
      assigns boolean not null,
      input jsonb,
      result jsonb,
      assigned jsonb,
      primary key (run_id, path, generation)
    ) with (fillfactor = 70);
    create unique index if not exists workflow_states_seq on workflow_states (run_id, seq);`),
};

/** A row with those of its data that are to be written. */
export type WrittenState = StateRow & { readonly [column in PayloadColumn]?: Payload };
/** A row as it is read, with its data if that was asked for. */
export type StoredState = StateRow & { readonly [column in PayloadColumn]: Payload | null };

const columns = sql.raw(
  'path, generation, seq, scope, name, type, status, attempts, tries, next, error, server, tool, entered_at, exited_at, wake_at, ms, sealed, sealed_input, assigns',
);

/** Writes rows as they are now. Data that is not given stays as it was. */
export async function putStates(tx: Db, runId: string, rows: readonly WrittenState[]): Promise<void> {
  if (rows.length > 0) await writing(runId, rows, sql`(select) as anybody`).execute(tx);
}

/** The same in one statement, for whoever `owner` finds a row for. */
export function putStatesOwned(
  owner: RawBuilder<unknown>,
  runId: string,
  rows: readonly WrittenState[],
): RawBuilder<{ owned: boolean }> {
  return sql`
    with owner as materialized (${owner}), written as (${writing(runId, rows, sql`owner`)})
    select exists (select from owner) as owned`;
}

function writing(runId: string, rows: readonly WrittenState[], owner: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    insert into workflow_states (run_id, ${columns}, input, result, assigned)
    select ${runId}, ${columns}, input, result, assigned from jsonb_to_recordset(${storableJson(rows)}::jsonb) as r (
      path text, generation integer, seq integer, scope text, name text, type text, status text, attempts jsonb,
      tries integer, next text, error jsonb, server text, tool text, entered_at text, exited_at text, wake_at text,
      ms integer, sealed boolean, sealed_input boolean, assigns boolean, input jsonb, result jsonb, assigned jsonb),
      ${owner}
    on conflict (run_id, path, generation) do update set status = excluded.status, attempts = excluded.attempts,
      tries = excluded.tries, next = excluded.next, error = excluded.error, server = excluded.server,
      tool = excluded.tool, exited_at = excluded.exited_at, wake_at = excluded.wake_at, ms = excluded.ms,
      sealed = excluded.sealed, assigns = excluded.assigns,
      input = coalesce(excluded.input, workflow_states.input),
      result = coalesce(excluded.result, workflow_states.result),
      assigned = coalesce(excluded.assigned, workflow_states.assigned)`;
}

/** Gives rows that were entered again the input of the execution before. */
export async function copyInputs(tx: Db, runId: string): Promise<void> {
  await sql`
    update workflow_states as row set input = before.input from workflow_states as before
    where row.run_id = ${runId} and before.run_id = ${runId} and row.status = 'entered' and row.input is null
      and before.path = row.path and before.generation = row.generation - 1`.execute(tx);
}

/** Every row of a run, those that were superseded too, without their data; in order. */
export async function loadStates(db: Db, runId: string): Promise<StateRow[]> {
  const { rows } = await sql<StateRow>`
    select ${columns} from workflow_states where run_id = ${runId} order by seq`.execute(db);
  return rows;
}

/** One of the data of a row; undefined where there is none. */
export async function readPayload(
  db: Db,
  runId: string,
  { path, generation }: Pick<StateRow, 'path' | 'generation'>,
  column: PayloadColumn,
): Promise<Payload | undefined> {
  const { rows } = await sql<{ payload: Payload | null }>`
    select ${sql.ref(column)} as payload from workflow_states
    where run_id = ${runId} and path = ${path} and generation = ${generation}`.execute(db);
  return rows[0]?.payload ?? undefined;
}

export interface StateFilter {
  readonly type?: string | undefined;
  readonly status?: string | undefined;
  /** Only states whose path begins so. */
  readonly within?: string | undefined;
  /** Only states that were entered after the one of this number. */
  readonly after?: number | undefined;
  readonly limit: number;
  /** Their data as well. */
  readonly data?: boolean | undefined;
}

/** The history of a run, in the order in which its states were entered. */
export async function listStates(
  db: Db,
  runId: string,
  { type, status, within, after, limit, data = false }: StateFilter,
): Promise<StoredState[]> {
  const conditions = [sql`run_id = ${runId}`];
  if (type !== undefined) conditions.push(sql`type = ${type}`);
  if (status !== undefined) conditions.push(sql`status = ${status}`);
  if (within !== undefined) conditions.push(sql`starts_with(path, ${within})`);
  if (after !== undefined) conditions.push(sql`seq > ${after}`);
  const payloads = data ? sql`input, result, assigned` : sql`null as input, null as result, null as assigned`;
  const { rows } = await sql<StoredState>`
    select ${columns}, ${payloads} from workflow_states where ${sql.join(conditions, sql` and `)}
    order by seq limit ${limit}`.execute(db);
  return rows;
}

/** What was counted of the states that stand. */
export async function countStates(db: Db, runId: string): Promise<Counts> {
  const { rows } = await sql<Counts>`
    select count(*) filter (where of_state)::int as states,
      count(*) filter (where of_state and status in ('failed', 'in_doubt'))::int as failed,
      count(*) filter (where of_state and status = 'caught')::int as caught,
      count(*) filter (where type = 'Iteration' and status in ('succeeded', 'failed'))::int as items,
      count(*) filter (where type = 'Iteration' and status = 'failed')::int as items_failed,
      coalesce(sum(greatest(tries + 1, 1)) filter (where type = 'Task' and server is not null), 0)::int as calls,
      coalesce(sum(tries) filter (where of_state), 0)::int as retries
    from (select *, type not in ('Iteration', 'Branch') as of_state from workflow_states
      where run_id = ${runId} and status <> 'superseded') as standing`.execute(db);
  return rows[0] as Counts;
}

/** How many items failed of which a Map took note and went on. */
export async function countTolerated(db: Db, runId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from workflow_states as item
    join workflow_states as map on map.run_id = item.run_id and map.path = item.scope
    where item.run_id = ${runId} and item.type = 'Iteration' and item.status = 'failed'
      and map.status = 'succeeded'`.execute(db);
  return rows[0]?.count ?? 0;
}

/** Ends what a run leaves open that ends for a reason of its own: a call that was under way may have arrived. */
export async function closeStates(tx: Db, runId: string, error: string): Promise<void> {
  await sql`
    update workflow_states set status = case status when 'sending' then 'in_doubt' else 'failed' end,
      error = ${storableJson({ Error: error })}::jsonb, wake_at = null,
      exited_at = to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    where run_id = ${runId} and status in ('entered', 'sending', 'retrying', 'waiting')`.execute(tx);
}
