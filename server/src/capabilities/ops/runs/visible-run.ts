import { canSee, type Principal } from '../../../core/auth/principal.ts';
import type { Db } from '../../../core/db/database.ts';
import type { AppError } from '../../../core/errors.ts';
import { noJob } from './errors.ts';
import { findRunByName, type RunRow } from './store.ts';

/** The run of a job, if the principal may see it. One that it may not see reads like one that does not exist. */
export async function visibleRun(
  db: Db,
  principal: Principal,
  name: string,
  missing: (name: string) => AppError = noJob,
): Promise<RunRow> {
  const row = await findRunByName(db, name);
  if (row && canSee(principal, { toolset: 'ops', owner: row.principal_id })) return row;
  throw missing(name);
}
