import { z } from 'zod';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { mayOpen, opened } from '../approvals/sealed.ts';
import { showApproval } from '../approvals/show.ts';
import { listApprovals } from '../approvals/store.ts';
import { approvalSchema, runId } from '../contract.ts';
import type { Payloads } from '../runs/run.ts';

const list = 'list_workflow_approvals';

export const listWorkflowApprovals = (cursors: Cursors, payloads: Payloads) =>
  tool({
    name: list,
    title: 'List approvals',
    description:
      'Tutti workflows: lists what runs wait for somebody to approve, newest first, as far as you may resolve it or own the run. Resolve one with resolve_approval, which the owner of its run cannot.',
    toolset: 'workflows',
    effect: 'read',
    scope: 'workflows:read',
    input: {
      state: z.string().max(40).default('pending').describe('pending, approved, rejected, expired, withdrawn, or all.'),
      run_id: runId.optional().describe('Only those of this run.'),
      ...pageFields,
    },
    output: z.looseObject({
      items: z.array(approvalSchema).describe('The approvals.'),
      next_page: nextPageField,
    }),
    async run({ page, page_size, ...filter }, { db, principal }) {
      const before = cursors.decode(list, filter, page);
      const rows = await listApprovals(
        db,
        {
          seenBy: principal.admin ? undefined : { id: principal.id, name: principal.name },
          state: filter.state === 'all' ? undefined : filter.state,
          runId: filter.run_id,
        },
        { before, limit: page_size + 1 },
      );
      const { items, ...next } = pageOf(
        rows,
        page_size,
        async (row) => showApproval(mayOpen(principal, row) ? await opened(row, payloads) : row),
        (row) => cursors.encode(list, filter, row.id),
      );
      return { items: await Promise.all(items), ...next };
    },
  });
