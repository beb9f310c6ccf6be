import { readableToolsets } from '../../core/auth/principal.ts';
import { listJobs } from '../../core/jobs/store.ts';
import type { Complete } from '../../core/prompt.ts';

const shown = 50;

/** Ids of the newest jobs that the principal may see, and that begin with what was typed. */
export const completeJob: Complete = async (typed, principal, db) => {
  const rows = await listJobs(db, {
    toolsets: readableToolsets(principal),
    owner: principal.admin ? undefined : principal.id,
    // Ids end in digits and lower-case letters: none that begins so sorts behind this one.
    before: typed.length > 4 ? typed.padEnd(40, 'z') : undefined,
    limit: shown,
    dataset_id: undefined,
    kind: undefined,
    state: undefined,
  });
  return rows.map((row) => row.id).filter((id) => id.startsWith(typed));
};
