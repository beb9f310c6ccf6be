import { sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';
import { findJob } from '../../../core/jobs/store.ts';

/**
 * Takes the right to build an index of a dataset and target, which one job has at a time and keeps until it ends; says
 * whether this job has it. Repeatable.
 */
export async function claimTurn(tx: Db, datasetId: string, target: string, jobId: string): Promise<boolean> {
  await sql`
    insert into lake_builders (dataset_id, target, job_id) values (${datasetId}, ${target}, ${jobId})
    on conflict do nothing`.execute(tx);
  const { rows } = await sql<{ job_id: string }>`
    select job_id from lake_builders where dataset_id = ${datasetId} and target = ${target} for update`.execute(tx);
  const holder = rows[0]?.job_id;
  if (holder === jobId) return true;
  const job = holder === undefined ? undefined : await findJob(tx, holder);
  if (job && job.finished_at === null) return false;
  await sql`
    update lake_builders set job_id = ${jobId} where dataset_id = ${datasetId} and target = ${target}`.execute(tx);
  return true;
}

/** The job that builds now, or built last. */
export async function findBuilder(db: Db, datasetId: string, target: string): Promise<string | undefined> {
  const { rows } = await sql<{ job_id: string }>`
    select job_id from lake_builders where dataset_id = ${datasetId} and target = ${target}`.execute(db);
  return rows[0]?.job_id;
}
