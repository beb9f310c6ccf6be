import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { requireDuty, requireFor } from '../bound.ts';
import { reportSchema } from '../contract.ts';
import { approvalSchema, draftSchema, showApproval, showDraft } from '../drafts/show.ts';
import { findDraft, listApprovals } from '../drafts/store.ts';
import { noDraft } from '../errors.ts';
import { draftId } from '../fields.ts';
import { checkDraft } from '../releases/check-draft.ts';
import { requireProfile } from '../releases/make-body.ts';
import { bodyOf, holding } from '../releases/publish.ts';
import { shownReport } from '../releases/report.ts';

export const getConfigDraft = () =>
  tool({
    name: 'get_config_draft',
    title: 'Get a draft',
    description:
      'Tutti config: a draft with what publishing it now would find and give, and with its approvals: what to look at before approve_config_draft. For the drafts that wait use list_config_drafts.',
    toolset: 'config',
    effect: 'read',
    scope: 'config:read',
    input: { draft_id: draftId },
    output: draftSchema.extend({
      draft_payload: z.unknown().describe('What was drafted.'),
      policy_set_id: z.string().describe('The policy set that it is under.'),
      report: reportSchema.describe('What publishing it now would find.'),
      payload_hash: z.string().optional().describe('Hash of what the client would read.'),
      text: z.string().optional().describe('What the client would read.'),
      approvals: z.array(approvalSchema).describe('Who agreed and who did not.'),
      approvals_required: z.number().describe('How many others than its author must agree.'),
    }),
    async run({ draft_id }, { db, principal }) {
      requireDuty(principal);
      const draft = await findDraft(db, draft_id);
      if (!draft) throw noDraft(draft_id);
      requireFor(principal, 'config:read', draft);
      const body = bodyOf(draft);
      const profile = await requireProfile(db, draft.client_id, draft.profile);
      const { report, made } = await checkDraft(db, { body, profile, now: new Date() });
      const approvals = await listApprovals(db, draft_id);
      const holds = holding(draft, approvals, report);
      return {
        ...showDraft(draft),
        draft_payload: body.payload,
        policy_set_id: body.policy_set_id,
        report: shownReport(report),
        ...(report.payload_hash !== undefined && { payload_hash: report.payload_hash }),
        ...(made && { text: made.rendered.text }),
        approvals: approvals.map((one) => showApproval(one, holds)),
        approvals_required: profile.approvals_required,
      };
    },
  });
