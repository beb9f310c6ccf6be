import type { Complete } from '../../../core/prompt.ts';
import { filterOf } from './list.ts';
import { listRuns } from './store.ts';

const newest = 200;

/** Ids of the newest container jobs that the principal may see, and that begin with what was typed. */
export const completeRun: Complete = async (typed, principal, db) => {
  const filter = filterOf(principal, undefined, false);
  const rows = await listRuns(db, filter, { before: undefined, limit: newest });
  return rows.map(({ name }) => name).filter((name) => name.startsWith(typed));
};
