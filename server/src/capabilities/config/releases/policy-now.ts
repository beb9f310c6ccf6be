import type { Db } from '../../../core/db/database.ts';
import { findDraft } from '../drafts/store.ts';
import { noArtifact, policyDenied } from '../errors.ts';
import { noPolicy } from '../policy/find.ts';
import type { Profile } from '../profiles/store.ts';
import { checkDraft } from './check-draft.ts';
import { bodyOf } from './publish.ts';
import type { ArtifactRow, ReleaseRow } from './store.ts';

/** What was let through by another policy set than today's must come out of today's unchanged, or POLICY_DENIED. */
export async function requirePolicyNow(
  tx: Db,
  profile: Profile,
  artifact: ArtifactRow,
  { draft_id }: Pick<ReleaseRow, 'draft_id'>,
): Promise<void> {
  const { policy_set_id } = profile;
  if (policy_set_id === noPolicy || policy_set_id === artifact.policy_set_id) return;
  const draft = draft_id === null ? undefined : await findDraft(tx, draft_id);
  if (!draft) throw noArtifact(artifact.artifact_id);
  const { report } = await checkDraft(tx, { body: { ...bodyOf(draft), policy_set_id }, profile, now: new Date() });
  if (report.valid && report.payload_hash === artifact.payload_hash) return;
  const { denied, unmet, effects } = report.policy;
  throw policyDenied(policy_set_id, [...denied, ...unmet, ...effects], report);
}
