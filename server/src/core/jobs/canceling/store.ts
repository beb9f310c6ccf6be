import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';

/** Which of these jobs somebody asked to stop. */
export async function findCancelRequests(
  db: Db,
  ids: readonly string[],
): Promise<readonly { readonly id: string; readonly cancel_reason: string | null }[]> {
  const { rows } = await sql<{ id: string; cancel_reason: string | null }>`
    select id, cancel_reason from jobs where id = any(${ids}) and cancel_requested_at is not null`.execute(db);
  return rows;
}
