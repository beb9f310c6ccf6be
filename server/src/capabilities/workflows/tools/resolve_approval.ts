import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { resolveApproval as resolve } from '../approvals/resolve.ts';
import { showApproval } from '../approvals/show.ts';
import { approvalSchema } from '../contract.ts';
import type { Payloads } from '../runs/run.ts';

export const resolveApproval = (payloads: Payloads) =>
  tool({
    name: 'resolve_approval',
    title: 'Resolve an approval',
    description:
      'Tutti workflows: approves or rejects what a run waits for, which then goes on. Only somebody else than the owner of the run can, one of the approvers where the definition names some. Find it with list_workflow_approvals. For a call in doubt use resolve_in_doubt_call.',
    toolset: 'workflows',
    effect: 'write',
    scope: 'workflows:write',
    input: {
      approval_id: z.string().min(1).max(100).describe('Id of the approval, apr_01j….'),
      decision: z.enum(['approve', 'reject']).describe('approve lets the run go on, reject fails the state.'),
      values: z
        .record(z.string(), z.unknown())
        .default({})
        .describe('With approve: the values that it asks for in `fields`.'),
      comment: z.string().max(1000).optional().describe('Why; kept with the approval.'),
    },
    output: approvalSchema,
    run: async ({ approval_id, ...resolution }, { db, principal }) =>
      showApproval(await resolve(db, principal, approval_id, { ...resolution, through: 'resolve_approval' }, payloads)),
  });
