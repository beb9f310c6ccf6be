import { z } from 'zod';
import type { Approval, Draft } from './store.ts';

export const draftSchema = z.looseObject({
  draft_id: z.string().describe('Id of the draft.'),
  client_id: z.string().describe('The client family.'),
  profile: z.string().describe('The profile.'),
  draft_hash: z.string().describe('Hash of all that it says: approvals are for exactly this.'),
  changelog: z.string().describe('What changed.'),
  author_id: z.string().describe('Who made it.'),
  author_name: z.string().describe('The name of whoever made it.'),
  state: z.string().describe('open, released or rejected.'),
  created_at: z.string().describe('When it was made.'),
  decided_at: z.string().optional().describe('When it was released or rejected.'),
  release_id: z.string().optional().describe('The release that it became.'),
});

export function showDraft(draft: Draft): z.output<typeof draftSchema> {
  const { draft_id, client_id, profile, draft_hash, changelog, author_id, author_name, state } = draft;
  return {
    draft_id,
    client_id,
    profile,
    draft_hash,
    changelog,
    author_id,
    author_name,
    state,
    created_at: draft.created_at.toISOString(),
    ...(draft.decided_at && { decided_at: draft.decided_at.toISOString() }),
    ...(draft.release_id !== null && { release_id: draft.release_id }),
  };
}

export const approvalSchema = z.looseObject({
  principal_id: z.string().describe('Who.'),
  principal_name: z.string().describe('The name of who it was.'),
  decision: z.string().describe('approve or reject.'),
  comment: z.string().optional().describe('Why.'),
  decided_at: z.string().describe('When.'),
  holds: z.boolean().describe('Whether it is for the draft, the policy and the outcome as they are now.'),
});

export function showApproval(one: Approval, holding: readonly Approval[]): z.output<typeof approvalSchema> {
  const { principal_id, principal_name, decision, comment, decided_at } = one;
  return {
    principal_id,
    principal_name,
    decision,
    ...(comment !== null && { comment }),
    decided_at: decided_at.toISOString(),
    holds: decision === 'reject' || holding.includes(one),
  };
}
