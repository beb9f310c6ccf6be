import { sql } from 'kysely';
import { type Db, lockInTransaction } from '../../../core/db/database.ts';

/**
 * How many jobs of a principal have not ended, by the index of those without an outcome. Until the transaction ends nobody else
 * counts them, so that twins do not both fit.
 */
export async function countOpenJobs(tx: Db, principalId: string): Promise<number> {
  await lockInTransaction(tx, 'ops.jobs', principalId);
  const { rows } = await sql<{ open: number }>`
    select count(*)::int as open from ops_runs r join jobs j on j.id = r.id
    where r.outcome is null and r.principal_id = ${principalId} and j.finished_at is null`.execute(tx);
  return rows[0]?.open ?? 0;
}
