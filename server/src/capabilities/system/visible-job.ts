import { canSee, type Principal } from '../../core/auth/principal.ts';
import type { Db } from '../../core/db/database.ts';
import { AppError } from '../../core/errors.ts';
import { findJob, type JobRow } from '../../core/jobs/store.ts';

/** The job, if the principal may see it. One that it may not see reads like one that does not exist. */
export async function visibleJob(db: Db, principal: Principal, id: string): Promise<JobRow> {
  const row = await findJob(db, id);
  if (row && canSee(principal, { toolset: row.toolset, owner: row.principal_id })) return row;
  throw new AppError('NOT_FOUND', 'There is no such job, or it is not yours.', 'List your jobs with list_jobs.', {
    job_id: id,
  });
}

/** Refuses a principal that may see a job but not change what its toolset does. */
export function mayChange(principal: Principal, row: JobRow): void {
  const scope = `${row.toolset}:write`;
  if (principal.scopes.has(scope)) return;
  throw new AppError('FORBIDDEN', `This token lacks the scope ${scope}.`, 'Use the token that started the job.', {
    required_scope: scope,
  });
}
