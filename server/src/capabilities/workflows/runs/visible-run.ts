import { canSee, type Principal } from '../../../core/auth/principal.ts';
import type { Db } from '../../../core/db/database.ts';
import { noRun } from '../errors.ts';
import type { RunRow } from './run.ts';
import { findRun } from './store.ts';

/** The run, if the principal may see it. One that it may not see reads like one that does not exist. */
export async function visibleRun(db: Db, principal: Principal, id: string): Promise<RunRow> {
  const row = await findRun(db, id);
  if (row && canSee(principal, { toolset: 'workflows', owner: row.owner })) return row;
  throw noRun(id);
}

/** Whose runs a principal finds in lists; undefined for all. */
export function ownerSeen(principal: Principal): string | undefined {
  return principal.admin ? undefined : principal.id;
}
