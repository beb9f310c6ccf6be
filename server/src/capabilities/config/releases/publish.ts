import type { Principal } from '../../../core/auth/principal.ts';
import { canonicalJson } from '../../../core/canonical.ts';
import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import { newId } from '../../../core/ids.ts';
import { version as toolingVersion } from '../../../core/version.ts';
import { type Approval, type Draft, decideDraft, insertDraft, listApprovals } from '../drafts/store.ts';
import { draftChanged, draftDecided, rolloutUnderWay } from '../errors.ts';
import { parseStrict } from '../integrity/parse-strict.ts';
import { contentId } from '../integrity/sign.ts';
import { noPolicy } from '../policy/find.ts';
import type { Profile } from '../profiles/store.ts';
import { insertRollout, openRollout } from '../rollouts/store.ts';
import { checkDraft, type Made } from './check-draft.ts';
import { type DraftBody, draftBody, sealDraft } from './draft-body.ts';
import { type Issuing, issueStatement, keepArtifact } from './issue.ts';
import { type Report, requireValid } from './report.ts';
import { currentRelease, type KeptApproval, listArtifactVersions, lockReleases, type ReleaseRow } from './store.ts';
import { versionFor } from './version.ts';

/** Keeps a draft as it is; from then on it is only decided. A version that is taken is refused before anybody looks at it. */
export async function keepDraft(tx: Db, body: DraftBody): Promise<Draft> {
  if (body.version !== null) versionFor(body.version, await listArtifactVersions(tx, body.client_id, body.profile));
  const { text, hash } = sealDraft(body);
  return insertDraft(tx, {
    draft_id: newId('dft'),
    client_id: body.client_id,
    profile: body.profile,
    body: text,
    draft_hash: hash,
    changelog: body.changelog,
    author_id: body.claims.principal_id,
    author_name: body.claims.principal_name,
  });
}

/** What a draft says, provided that it still is what its hash is of. */
export function bodyOf(draft: Draft): DraftBody {
  const bytes = Buffer.from(draft.body);
  if (contentId(bytes) !== draft.draft_hash) throw draftChanged(draft.draft_id, 'its content is not what was drafted');
  return draftBody.parse(parseStrict(bytes));
}

/** The approvals that are for exactly this: the draft, the policy that ran, what came out; never its author's own. */
export function holding(draft: Draft, approvals: readonly Approval[], report: Report): Approval[] {
  const agreeing = approvals.filter(
    (one) =>
      one.decision === 'approve' &&
      one.principal_id !== draft.author_id &&
      one.draft_hash === draft.draft_hash &&
      one.policy_set_id === report.policy.policy_set_id &&
      one.payload_hash === report.payload_hash,
  );
  return [...new Map(agreeing.map((one) => [one.principal_id, one])).values()];
}

/** What is missing before a draft can be released; undefined when nothing is. */
export interface Missing {
  readonly draft_id: string;
  readonly approvals: number;
  readonly approvals_required: number;
}

export type Published =
  | { readonly release: ReleaseRow; readonly report: Report }
  | { readonly missing: Missing; readonly report: Report };

/**
 * Releases a draft, in the caller's transaction: checks it anew, counts the approvals that hold for exactly what comes out,
 * makes the artifact, signs it and the statement. Answers what is missing where approvals are.
 */
export async function publishDraft(
  tx: Db,
  issuing: Issuing,
  { draft, profile, principal }: { readonly draft: Draft; readonly profile: Profile; readonly principal: Principal },
): Promise<Published> {
  if (draft.state !== 'open') throw draftDecided(draft.draft_id, draft.state);
  const body = bodyOf(draft);
  requireSamePolicy(profile, draft, body);
  const now = new Date();
  const { report, made } = await checkDraft(tx, { body, profile, now });
  issuing.judged?.(draft, report);
  requireValid(report);
  const given = await listApprovals(tx, draft.draft_id);
  const approvals = holding(draft, given, report);
  if (approvals.length < profile.approvals_required) {
    const { draft_id } = draft;
    // Somebody did agree, but to something else.
    if (given.some(({ decision }) => decision === 'approve') && approvals.length === 0) {
      throw draftChanged(draft_id, 'what comes out of it is not what was approved');
    }
    const missing = { draft_id, approvals: approvals.length, approvals_required: profile.approvals_required };
    return { missing, report };
  }
  const release = await releaseMade(tx, issuing, {
    draft,
    body,
    made: made as Made,
    report,
    approvals,
    principal,
    now,
  });
  return { release, report };
}

interface Releasing {
  readonly draft: Draft;
  readonly body: DraftBody;
  readonly made: Made;
  readonly report: Report;
  readonly approvals: readonly Approval[];
  readonly principal: Principal;
  readonly now: Date;
}

async function releaseMade(tx: Db, issuing: Issuing, releasing: Releasing): Promise<ReleaseRow> {
  const { draft, body, made, report, approvals, principal, now } = releasing;
  const { client_id, profile } = draft;
  await lockReleases(tx, client_id, profile);
  const open = await openRollout(tx, client_id, profile);
  if (open) throw rolloutUnderWay(open.rollout_id);
  const taken = await listArtifactVersions(tx, client_id, profile);
  const artifact = await keepArtifact(
    tx,
    issuing,
    {
      type: 'tutti.config.artifact/1',
      client_id,
      profile,
      payload: made.rendered.payload,
      text: made.rendered.text,
      format: made.rendered.format,
      schema_ref: made.schema.schema_ref,
      version: versionFor(body.version, taken),
      policy_set_id: report.policy.policy_set_id,
      provenance: {
        publisher_id: draft.author_id,
        tooling_version: `tutti/${toolingVersion}`,
        draft_hash: draft.draft_hash,
        sources: made.sources,
        policy_evaluated_at: now.toISOString(),
        policy_inputs: made.policy_inputs,
      },
    },
    {
      payload_hash: made.payload_hash,
      schema_version: made.schema.version,
      inputs: made.inputs,
      report: JSON.parse(canonicalJson(report)) as Record<string, unknown>,
    },
  );
  const release = await issueStatement(tx, issuing, {
    artifact,
    cohort: await cohortOf(tx, body, artifact.artifact_id),
    kind: body.rollout_percentage === null ? 'publish' : 'rollout',
    changelog: body.changelog,
    by: principal,
    approvals: approvals.map(toKept),
    draftId: draft.draft_id,
    auditSubject: draft.draft_id,
  });
  await decideDraft(tx, draft.draft_id, { state: 'released', release_id: release.release_id });
  return release;
}

/** For whom a draft is released: a rollout begins with a part of those who have something already. */
async function cohortOf(tx: Db, { client_id: client, profile, rollout_percentage: percentage }: DraftBody, id: string) {
  if (percentage === null) return 'all' as const;
  if (!(await currentRelease(tx, { client, profile, cohort: 'all' }))) {
    throw new AppError(
      'CONFLICT',
      'A rollout needs a release for all others, and there is none yet.',
      'Publish the first configuration without rollout_percentage.',
    );
  }
  const rollout_id = newId('rol');
  await insertRollout(tx, { rollout_id, client_id: client, profile, artifact_id: id, percentage, state: 'active' });
  return { id: rollout_id, percentage };
}

/** A profile that is under a policy set takes nothing that was checked by another. */
export function requireProfilePolicy(profile: Profile, body: Pick<DraftBody, 'policy_set_id'>): void {
  if (profile.policy_set_id === noPolicy || profile.policy_set_id === body.policy_set_id) return;
  throw new AppError(
    'CONFLICT',
    `The profile ${profile.profile} is under the policy set ${profile.policy_set_id}.`,
    'Publish with that policy_set_id, or leave it out; put_config_profile changes what a profile is under.',
    { policy_set_id: profile.policy_set_id },
  );
}

/** The same for a draft that was kept: meanwhile the profile may have come under another one. */
export function requireSamePolicy(profile: Profile, draft: Draft, body: DraftBody): void {
  if (profile.policy_set_id === noPolicy || profile.policy_set_id === body.policy_set_id) return;
  throw draftChanged(draft.draft_id, `the profile is under ${profile.policy_set_id} now, not ${body.policy_set_id}`);
}

function toKept(one: Approval): KeptApproval {
  const { principal_id, principal_name, draft_hash, policy_set_id, payload_hash } = one;
  return {
    principal_id,
    principal_name,
    approved_at: one.decided_at.toISOString(),
    draft_hash,
    policy_set_id,
    payload_hash,
  };
}
