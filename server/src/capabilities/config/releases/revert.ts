import type { Principal } from '../../../core/auth/principal.ts';
import type { Db } from '../../../core/db/database.ts';
import { noArtifact } from '../errors.ts';
import type { Profile } from '../profiles/store.ts';
import { type Issuing, issueStatement } from './issue.ts';
import { requirePolicyNow } from './policy-now.ts';
import { endRollout } from './roll.ts';
import { findArtifact, lastReleaseOf, lockReleases, type ReleaseRow } from './store.ts';

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
