import { z } from 'zod';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { runSchema, workflowName } from '../contract.ts';
import { showListed } from '../runs/show.ts';
import { listRuns } from '../runs/store.ts';
import { ownerSeen } from '../runs/visible-run.ts';

const list = 'list_workflow_runs';

export const listWorkflowRuns = (cursors: Cursors) =>
  tool({
    name: list,
    title: 'List workflow runs',
    description:
      'Tutti workflows: lists the runs that you may see, newest first, by workflow, status or what started them. For one run with its history use get_workflow_run; for jobs of all kinds list_jobs.',
    toolset: 'workflows',
    effect: 'read',
    scope: 'workflows:read',
    input: {
      workflow: workflowName.optional().describe('Only runs of this workflow.'),
      status: z.string().max(40).optional().describe('Only those in this status, such as partial or failed.'),
      trigger: z
        .string()
        .max(40)
        .optional()
        .describe('Only those that this started: manual, schedule, webhook, event, workflow.'),
      since: z.iso
        .datetime({ offset: true })
        .optional()
        .describe('Only those accepted at this time or later, ISO 8601.'),
      ...pageFields,
    },
    output: z.looseObject({
      items: z.array(runSchema).describe('The runs, without their output.'),
      next_page: nextPageField,
    }),
    async run({ page, page_size, ...filter }, { db, principal }) {
      const before = cursors.decode(list, filter, page);
      const { since, ...rest } = filter;
      const rows = await listRuns(
        db,
        { owner: ownerSeen(principal), ...rest, ...(since !== undefined && { since: new Date(since) }) },
        { before, limit: page_size + 1 },
      );
      return pageOf(
        rows,
        page_size,
        (row) => showListed(row),
        (row) => cursors.encode(list, filter, row.id),
      );
    },
  });
