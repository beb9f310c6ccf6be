import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { requireFor } from '../bound.ts';
import { insertApproval, listApprovals, lockDraft } from '../drafts/store.ts';
import { draftChanged, draftDecided, noDraft, selfApproval } from '../errors.ts';
import { contentHash, draftId } from '../fields.ts';
import { checkDraft } from '../releases/check-draft.ts';
import { requireProfile } from '../releases/make-body.ts';
import { bodyOf, holding, requireSamePolicy } from '../releases/publish.ts';
import { requireValid } from '../releases/report.ts';

export const approveConfigDraft = () =>
  tool({
    name: 'approve_config_draft',
    title: 'Approve a draft',
    description:
      'Tutti config: agrees to a draft of somebody else, exactly as get_config_draft showed it: the approval is bound to both hashes and the policy set, and holds for nothing else. To refuse it use reject_config_draft; to release it then publish_config.',
    toolset: 'config',
    effect: 'write',
    scope: 'config:approve',
    input: {
      draft_id: draftId,
      draft_hash: contentHash.describe('The draft_hash that you looked at.'),
      payload_hash: contentHash.describe('The payload_hash that you looked at.'),
      comment: z.string().min(1).max(2000).optional().describe('Why.'),
    },
    output: z.looseObject({
      draft_id: z.string().describe('Id of the draft.'),
      approvals: z.number().describe('Approvals that hold now.'),
      approvals_required: z.number().describe('How many are needed.'),
      publishable: z.boolean().describe('Whether publish_config releases it now.'),
    }),
    async run({ draft_id, draft_hash, payload_hash, comment = null }, { db, principal }) {
      const draft = await lockDraft(db, draft_id);
      if (!draft) throw noDraft(draft_id);
      requireFor(principal, 'config:approve', draft);
      if (draft.state !== 'open') throw draftDecided(draft_id, draft.state);
      if (draft.author_id === principal.id) throw selfApproval(draft_id);
      const body = bodyOf(draft);
      const profile = await requireProfile(db, draft.client_id, draft.profile);
      requireSamePolicy(profile, draft, body);
      const { report } = await checkDraft(db, { body, profile, now: new Date() });
      requireValid(report);
      if (draft.draft_hash !== draft_hash) throw draftChanged(draft_id, 'this is not the draft that you looked at');
      if (report.payload_hash !== payload_hash) {
        throw draftChanged(draft_id, 'what comes out of it is not what you looked at');
      }
      const { policy_set_id } = report.policy;
      const { id: principal_id, name: principal_name } = principal;
      const bound = { draft_hash, policy_set_id, payload_hash };
      await insertApproval(db, { draft_id, principal_id, principal_name, decision: 'approve', ...bound, comment });
      const approvals = holding(draft, await listApprovals(db, draft_id), report).length;
      const { approvals_required } = profile;
      return { draft_id, approvals, approvals_required, publishable: approvals >= approvals_required };
    },
  });
