import { z } from 'zod';
import type { Principal } from '../../../core/auth/principal.ts';
import type { Db } from '../../../core/db/database.ts';
import { type Cursors, pageFields, pageOf } from '../../../core/page.ts';
import { statesOfStatus } from './errors.ts';
import { showListed } from './show.ts';
import { listRuns, type RunFilter } from './store.ts';

/** What orcaops_list_jobs and orcaops_list_runs take. */
export const listFields = (limit: number) => ({
  status: z
    .string()
    .min(1)
    .max(40)
    .optional()
    .describe('Only those in this status: queued, running, success, failed, timed_out or cancelled.'),
  limit: z.int().min(1).max(200).default(limit).describe('How many at most, 1 to 200.'),
  page: pageFields.page,
});

/** Which runs a list is of. Throws INVALID_STATUS. */
export function filterOf(principal: Principal, status: string | undefined, ended: boolean): RunFilter {
  return {
    owner: principal.admin ? undefined : principal.id,
    states: status === undefined ? undefined : statesOfStatus(status),
    ended,
  };
}

/** One page, newest first. */
export async function listPage(
  db: Db,
  cursors: Cursors,
  list: string,
  filter: RunFilter,
  { page, limit }: { readonly page?: string | undefined; readonly limit: number },
) {
  const before = cursors.decode(list, filter, page);
  const rows = await listRuns(db, filter, { before, limit: limit + 1 });
  return pageOf(rows, limit, showListed, (row) => cursors.encode(list, filter, row.id));
}
