import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';

/**
 * Holds the rows of some jobs until the transaction ends. Whoever asks jobs to stop and needs something besides that jobs
 * lock in transactions of theirs, which begin with their row, takes the rows first: or both might wait for each other.
 */
export async function holdJobs(tx: Db, ids: readonly string[]): Promise<void> {
  await sql`select id from jobs where id = any(${ids}) order by id for update`.execute(tx);
}
