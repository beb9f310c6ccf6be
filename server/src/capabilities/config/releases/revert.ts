import type { Principal } from '../../../core/auth/principal.ts';
import type { Db } from '../../../core/db/database.ts';
import { findDraft } from '../drafts/store.ts';
import { noArtifact, policyDenied } from '../errors.ts';
import { noPolicy } from '../policy/find.ts';
import type { Profile } from '../profiles/store.ts';
import { checkDraft } from './check-draft.ts';
import { type Issuing, issueStatement } from './issue.ts';
import { bodyOf } from './publish.ts';
import { endRollout } from './roll.ts';
import { type ArtifactRow, findArtifact, lastReleaseOf, lockReleases, type ReleaseRow } from './store.ts';

/**
 * Makes an artifact current again that was so before: a new statement for it, higher than all others, in the caller's
 * transaction. It needs no approval, for it had what was needed; but where the profile's policy set is another one by now, it
 * must pass that as well.
 */
export async function revertTo(
  tx: Db,
  issuing: Issuing,
  {
    profile,
    artifactId,
    changelog,
  }: { readonly profile: Profile; readonly artifactId: string; readonly changelog: string },
  principal: Principal,
): Promise<ReleaseRow> {
  const { client_id, profile: name } = profile;
  await lockReleases(tx, client_id, name);
  const artifact = await findArtifact(tx, artifactId);
  const before = artifact && (await lastReleaseOf(tx, artifactId, client_id, name));
  if (!artifact || !before) throw noArtifact(artifactId);
  await requirePolicyNow(tx, profile, artifact, before);
  await endRollout(tx, client_id, name);
  const { approvals, draft_id: draftId } = before;
  const release = { artifact, cohort: 'all', kind: 'revert', changelog, by: principal, approvals, draftId } as const;
  return issueStatement(tx, issuing, release);
}

/** What was let through by another policy set than today's must come out of today's unchanged. */
async function requirePolicyNow(tx: Db, profile: Profile, artifact: ArtifactRow, before: ReleaseRow): Promise<void> {
  const { policy_set_id } = profile;
  if (policy_set_id === noPolicy || policy_set_id === artifact.policy_set_id) return;
  const draft = before.draft_id === null ? undefined : await findDraft(tx, before.draft_id);
  if (!draft) throw noArtifact(artifact.artifact_id);
  const { report } = await checkDraft(tx, { body: { ...bodyOf(draft), policy_set_id }, profile, now: new Date() });
  if (report.valid && report.payload_hash === artifact.payload_hash) return;
  const { denied, unmet, effects } = report.policy;
  throw policyDenied(policy_set_id, [...denied, ...unmet, ...effects], report);
}
