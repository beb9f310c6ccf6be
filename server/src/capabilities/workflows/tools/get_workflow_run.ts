import { z } from 'zod';
import type { Principal } from '../../../core/auth/principal.ts';
import { AppError } from '../../../core/errors.ts';
import type { EndTellers } from '../../../core/jobs/wait-for-end.ts';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { runId, runSchema, stateSchema } from '../contract.ts';
import { listStates } from '../journal/store.ts';
import type { Payloads, RunRow } from '../runs/run.ts';
import { showRun } from '../runs/show.ts';
import { showState } from '../runs/show-state.ts';
import { visibleRun } from '../runs/visible-run.ts';
import { waitForEnd } from '../runs/wait-for-end.ts';

const list = 'get_workflow_run';
/** Bytes of the output that this one call shows, however it is kept. */
const maxOutputBytes = 2 * 2 ** 20;

export const getWorkflowRun = (cursors: Cursors, payloads: Payloads, tellers: EndTellers) =>
  tool({
    name: list,
    title: 'Show a workflow run',
    description:
      'Tutti workflows: shows one run with its history, state by state: how each ended, its tries, how long it took, on request what went in and came out. With wait_s it waits for the end first. To find a run, use list_workflow_runs.',
    toolset: 'workflows',
    effect: 'read',
    scope: 'workflows:read',
    input: {
      run_id: runId,
      wait_s: z.number().min(0).max(40).default(0).describe('Seconds to wait for its end, 0 to 40.'),
      include_data: z.boolean().default(false).describe('Show what went into each state and came out of it.'),
      include_sensitive: z
        .boolean()
        .default(false)
        .describe('Show what the definition calls sensitive as well: for the owner of the run alone.'),
      status: z.string().max(40).optional().describe('Only states in this status, such as failed or in_doubt.'),
      within: z.string().max(2000).optional().describe('Only states whose path begins so, such as 1:Each[3].'),
      ...pageFields,
    },
    output: runSchema.extend({
      states: z.array(stateSchema).describe('The history, in the order in which states were entered.'),
      next_page: nextPageField,
    }),
    async run({ run_id, wait_s, include_data, include_sensitive, page, page_size, ...filter }, context) {
      const { db, principal } = context;
      let run = await visibleRun(db, principal, run_id);
      if (include_sensitive) requireOwner(principal, run);
      if (wait_s > 0) run = await waitForEnd(run, wait_s, tellers, context);
      const shown = { payloads, sensitive: include_sensitive, maxBytes: include_data ? maxOutputBytes : undefined };
      const bound = { run_id, ...filter };
      const after = cursors.decode(list, bound, page);
      const rows = await listStates(db, run_id, {
        ...filter,
        ...(after !== undefined && { after: Number(after) }),
        limit: page_size + 1,
        data: include_data,
      });
      const { items, ...next } = pageOf(
        rows,
        page_size,
        (row) => showState(run.id, row, shown, include_data),
        ({ seq }) => cursors.encode(list, bound, String(seq)),
      );
      return { ...(await showRun(db, run, shown)), states: await Promise.all(items), ...next };
    },
  });

function requireOwner(principal: Principal, run: RunRow): void {
  if (principal.id === run.owner) return;
  throw new AppError(
    'FORBIDDEN',
    'What a run holds of sensitive data is for its owner alone.',
    'Leave include_sensitive out, or call with a token of the principal that the run belongs to.',
    { owner: run.owner },
  );
}
