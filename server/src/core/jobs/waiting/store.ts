import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { type AppError, envelope } from '../../errors.ts';
import { storableJson } from '../../storable.ts';
import { appendUpdate, type JobRow } from '../store.ts';

/** Ends a job as `timed_out` that still waits in its queue; answers whether it did. One that has begun has a deadline of its own. */
export async function timeOutWaiting(tx: Db, id: string, error: AppError): Promise<boolean> {
  const { rows } = await sql<JobRow>`
    update jobs set state = 'timed_out', error = ${storableJson(envelope(error).error)}::jsonb, finished_at = now()
    where id = ${id} and state = 'queued' returning jobs.*`.execute(tx);
  for (const row of rows) await appendUpdate(tx, row);
  return rows.length > 0;
}
