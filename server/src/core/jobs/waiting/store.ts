import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { type AppError, envelope } from '../../errors.ts';
import { storableJson } from '../../storable.ts';
import { appendUpdate, type JobRow } from '../store.ts';

/** That waits in its queue, or went back there from a process that is gone, and is in nobody's hands. */
const waits = sql`(state = 'queued' or (state = 'running' and claim is null))`;

/** Ends a job as `timed_out` that waits in its queue; answers whether it did. One that runs has a deadline of its own. */
export function timeOutWaiting(tx: Db, id: string, error: AppError): Promise<boolean> {
  const body = sql`${storableJson(envelope(error).error)}::jsonb`;
  return end(
    tx,
    sql<JobRow>`update jobs set state = 'timed_out', error = ${body}, finished_at = now()
      where id = ${id} and ${waits} returning jobs.*`,
  );
}

/** Ends a job that was asked to stop and waits in its queue; answers whether it did. One that runs stops by itself. */
export function cancelWaiting(tx: Db, id: string): Promise<boolean> {
  return end(
    tx,
    sql<JobRow>`update jobs set state = 'canceled', finished_at = now()
      where id = ${id} and ${waits} and cancel_requested_at is not null returning jobs.*`,
  );
}

async function end(tx: Db, update: RawBuilder<JobRow>): Promise<boolean> {
  const { rows } = await update.execute(tx);
  for (const row of rows) await appendUpdate(tx, row);
  return rows.length > 0;
}
