import { sql } from 'kysely';
import { type Db, inTransaction } from '../../db/database.ts';
import { engineStates } from '../states.ts';
import { appendUpdate, type JobRow } from '../store.ts';

const statuses = sql.join(Object.keys(engineStates).map((status) => sql.lit(status)));
const states = sql.join(
  Object.entries(engineStates).map(([status, state]) => sql`when ${sql.lit(status)} then ${sql.lit(state)}`),
  sql` `,
);

/**
 * Ends the jobs that the engine ended beneath their handlers, each with its event; answers them. Once over all processes:
 * whoever ends a job first has it.
 *
 * The engine does so in a transaction of its own, so the event cannot be in that one. Whoever reads a job sees its end from
 * that moment on, by the engine's word.
 */
export async function endBeneath(db: Db): Promise<readonly JobRow[]> {
  const { rows } = await sql`
    select 1 from dbos.workflow_status as workflow join jobs on jobs.id = workflow.workflow_uuid
    where workflow.status in (${statuses}) and jobs.finished_at is null limit 1`.execute(db);
  if (rows.length === 0) return [];
  return inTransaction(db, async (tx) => {
    const { rows: ended } = await sql<JobRow>`
      update jobs set state = case workflow.status ${states} end, claim = null,
        finished_at = to_timestamp(workflow.updated_at / 1000.0)
      from dbos.workflow_status as workflow
      where workflow.workflow_uuid = jobs.id and workflow.status in (${statuses}) and jobs.finished_at is null
      returning jobs.*`.execute(tx);
    for (const row of ended) await appendUpdate(tx, row);
    return ended;
  });
}
