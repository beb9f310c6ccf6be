import type { Complete } from '../../../core/prompt.ts';
import { listRuns } from './store.ts';
import { ownerSeen } from './visible-run.ts';

const newest = 200;

/** Ids of the newest runs that the principal may see, and that begin with what was typed. */
export const completeRun: Complete = async (typed, principal, db) => {
  if (!principal.scopes.has('workflows:read')) return [];
  const rows = await listRuns(db, { owner: ownerSeen(principal) }, { limit: newest });
  return rows.map(({ id }) => id).filter((id) => id.startsWith(typed));
};
