import { sql } from 'kysely';
import type { Db } from '../../../../core/db/database.ts';
import type { RunStatus } from '../../contract.ts';
import type { RunRow } from '../run.ts';
import { endRun, findRun } from '../store.ts';

const openRuns = sql`workflow_runs r left join jobs j on j.id = r.job_id`;
const isOpen = sql`r.ended_at is null and j.finished_at is null`;

/** How many runs of a workflow are under way, and how many wait for room. Those that were asked to stop count until they have. */
export async function countRoom(tx: Db, workflow: string): Promise<{ open: number; queued: number }> {
  const { rows } = await sql<{ open: number; queued: number }>`
    select count(*) filter (where r.dispatched_at is not null)::int as open,
      count(*) filter (where r.dispatched_at is null)::int as queued
    from ${openRuns} where r.workflow = ${workflow} and ${isOpen}`.execute(tx);
  return rows[0] ?? { open: 0, queued: 0 };
}

/** The oldest run of a workflow that has not ended and that nobody asked to stop, but for one. */
export async function oldestOpen(tx: Db, workflow: string, but: string): Promise<RunRow | undefined> {
  const { rows } = await sql<{ id: string }>`
    select r.id from ${openRuns}
    where r.workflow = ${workflow} and ${isOpen} and j.cancel_requested_at is null and r.id <> ${but}
    order by r.id limit 1`.execute(tx);
  return rows[0] && findRun(tx, rows[0].id);
}

/** Workflows some of whose runs wait for room. */
export async function workflowsWaiting(db: Db): Promise<string[]> {
  const { rows } = await sql<{ workflow: string }>`
    select distinct workflow from workflow_runs where ended_at is null and dispatched_at is null`.execute(db);
  return rows.map((row) => row.workflow);
}

/** The runs that wait for room, oldest first. */
export async function listWaitingForRoom(tx: Db, workflow: string, limit: number): Promise<RunRow[]> {
  const { rows } = await sql<RunRow>`
    select * from workflow_runs where workflow = ${workflow} and ended_at is null and dispatched_at is null
    order by id limit ${limit} for update`.execute(tx);
  return rows;
}

/** Ends a run that waits for room; false when it does not. */
export async function cancelQueuedRun(tx: Db, id: string, reason: string | null): Promise<boolean> {
  const { rows } = await sql`
    select from workflow_runs where id = ${id} and ended_at is null and dispatched_at is null for update`.execute(tx);
  if (rows.length === 0) return false;
  await endRun(tx, id, { status: 'canceled', summary: reason === null ? 'Canceled before it began.' : reason });
  return true;
}

/** Runs whose job ended without them: canceled while it waited, or given up by the engine. */
export async function listUnclosed(db: Db, limit: number): Promise<{ id: string; status: RunStatus }[]> {
  const { rows } = await sql<{ id: string; status: RunStatus }>`
    select r.id, case coalesce(j.state, 'failed') when 'succeeded' then 'failed' else coalesce(j.state, 'failed') end as status
    from ${openRuns}
    where r.ended_at is null and r.dispatched_at is not null and (j.id is null or j.finished_at is not null)
    order by r.id limit ${limit}`.execute(db);
  return rows;
}

/** Writes down the end of a run that its job left open; nothing happens where somebody did by now. */
export async function closeRun(tx: Db, id: string, status: RunStatus): Promise<void> {
  const { rows } = await sql`select from workflow_runs where id = ${id} and ended_at is null for update`.execute(tx);
  if (rows.length === 0) return;
  await endRun(tx, id, { status, summary: null });
}
