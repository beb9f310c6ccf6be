import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';

/**
 * Workflows that the engine gave to an executor a while ago, and that are not among those it works on. One whose connection
 * broke as it took work off the queue never hears that it has it, although the database wrote it down.
 */
export async function findStranded(db: Db, executorId: string, known: readonly string[]): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select workflow_uuid as id from dbos.workflow_status
    where status = 'PENDING' and executor_id = ${executorId} and workflow_uuid <> all(${known})
      and greatest(started_at_epoch_ms, updated_at) < extract(epoch from now() - interval '5 seconds') * 1000`.execute(
    db,
  );
  return rows.map(({ id }) => id);
}
