import type { Principal } from '../../../core/auth/principal.ts';
import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import { requireFor } from '../bound.ts';
import { noRollout } from '../errors.ts';
import { holdProfile } from '../profiles/store.ts';
import { changeRollout, findRollout, openRollout, type Rollout } from '../rollouts/store.ts';
import { requireOpenWords } from '../secrets/changelog.ts';
import { type Issuing, issueStatement, type NewStatement } from './issue.ts';
import { requireProfile } from './make-body.ts';
import { requirePolicyNow } from './policy-now.ts';
import { artifactOf, currentRelease, lockReleases, type ReleaseKind, type ReleaseRow } from './store.ts';

export const rolloutActions = ['set', 'pause', 'resume', 'promote', 'abort'] as const;
export type RolloutAction = (typeof rolloutActions)[number];

export interface RolloutChange {
  readonly action: RolloutAction;
  readonly percentage?: number | undefined;
  readonly changelog?: string | undefined;
}

/**
 * Changes a rollout that is under way, in the caller's transaction. Whoever leaves its cohort finds a newer statement than
 * the cohort's, and whoever comes in one that is newer again: nobody is ever led back to a lower sequence. Who is to get it
 * anew gets nothing that today's policy set refuses.
 */
export async function rollOn(
  tx: Db,
  issuing: Issuing,
  id: string,
  { action, percentage, changelog }: RolloutChange,
  principal: Principal,
): Promise<Rollout> {
  const known = await findRollout(tx, id);
  if (!known) throw noRollout(id);
  requireFor(principal, 'config:publish', known);
  requireOpenWords(changelog);
  const { client_id: client, profile } = known;
  await holdProfile(tx, client, profile);
  await lockReleases(tx, client, profile);
  const rollout = await openRollout(tx, client, profile);
  if (rollout?.rollout_id !== id) throw noRollout(id);
  const to = percentage ?? rollout.percentage;
  requireFitting(rollout, action, percentage);

  const all = await statementFor(tx, rollout, 'all');
  const cohort = await statementFor(tx, rollout, id);
  if (action === 'promote' || action === 'resume' || to > rollout.percentage) {
    await requirePolicyNow(tx, await requireProfile(tx, client, profile), await artifactOf(tx, cohort), cohort);
  }
  const say = async (from: ReleaseRow, whom: NewStatement['cohort'], kind: ReleaseKind) => {
    const said = changelog ?? from.changelog;
    const artifact = await artifactOf(tx, from);
    const { approvals, draft_id: draftId } = from;
    const by = { artifact, by: principal, approvals, draftId, auditSubject: id };
    return issueStatement(tx, issuing, { ...by, cohort: whom, kind, changelog: said });
  };
  if (action === 'promote') {
    await say(cohort, 'all', 'promote');
    return changeRollout(tx, id, { state: 'promoted' });
  }
  if (action === 'pause' || action === 'abort') {
    await say(all, 'all', action);
    return changeRollout(tx, id, { state: action === 'pause' ? 'paused' : 'aborted' });
  }
  if (to < rollout.percentage) await say(all, 'all', 'rollout');
  await say(cohort, { id, percentage: to }, action === 'resume' ? 'resume' : 'rollout');
  return changeRollout(tx, id, { percentage: to, state: 'active' });
}

/** Ends what is under way, where somebody goes back: all get what all had. */
export async function endRollout(tx: Db, client: string, profile: string): Promise<void> {
  const rollout = await openRollout(tx, client, profile);
  if (rollout) await changeRollout(tx, rollout.rollout_id, { state: 'aborted' });
}

function requireFitting(rollout: Rollout, action: RolloutAction, percentage: number | undefined): void {
  const paused = rollout.state === 'paused';
  const problem =
    action === 'set' && percentage === undefined
      ? 'To set a rollout, say its percentage.'
      : action !== 'set' && action !== 'resume' && percentage !== undefined
        ? `To ${action} a rollout, say no percentage.`
        : action === 'resume' && !paused
          ? 'The rollout is not paused.'
          : (action === 'set' || action === 'pause') && paused
            ? 'The rollout is paused: resume it, with another percentage if you want.'
            : undefined;
  if (problem !== undefined) throw new AppError('CONFLICT', problem, 'Look at it with list_config_releases.');
}

async function statementFor(tx: Db, { client_id: client, profile }: Rollout, cohort: string): Promise<ReleaseRow> {
  const found = await currentRelease(tx, { client, profile, cohort });
  if (!found) throw new Error(`a rollout of ${client}/${profile} has no statement for ${cohort}`);
  return found;
}
