import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { requireFor } from '../bound.ts';
import { draftSchema, showDraft } from '../drafts/show.ts';
import { decideDraft, findDraft, insertApproval, lockDraft } from '../drafts/store.ts';
import { draftDecided, noDraft } from '../errors.ts';
import { draftId } from '../fields.ts';

export const rejectConfigDraft = () =>
  tool({
    name: 'reject_config_draft',
    title: 'Reject a draft',
    description:
      'Tutti config: refuses a draft for good, with the reason. Its author makes another one with create_config_draft. To agree use approve_config_draft.',
    toolset: 'config',
    effect: 'write',
    scope: 'config:approve',
    input: { draft_id: draftId, comment: z.string().min(1).max(2000).describe('Why.') },
    output: draftSchema,
    async run({ draft_id, comment }, { db, principal }) {
      const draft = await lockDraft(db, draft_id);
      if (!draft) throw noDraft(draft_id);
      requireFor(principal, 'config:approve', draft);
      if (draft.state !== 'open') throw draftDecided(draft_id, draft.state);
      await insertApproval(db, {
        draft_id,
        principal_id: principal.id,
        principal_name: principal.name,
        decision: 'reject',
        draft_hash: draft.draft_hash,
        policy_set_id: '',
        payload_hash: '',
        comment,
      });
      await decideDraft(db, draft_id, { state: 'rejected' });
      return showDraft((await findDraft(db, draft_id)) ?? draft);
    },
  });
