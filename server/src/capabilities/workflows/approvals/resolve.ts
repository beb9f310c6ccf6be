import type { Principal } from '../../../core/auth/principal.ts';
import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import { wakeJob } from '../../../core/jobs/parking/store.ts';
import { SchemaProblem } from '../../../core/json-schema.ts';
import { checkInput } from '../definitions/input.ts';
import { noApproval } from '../errors.ts';
import type { Payloads } from '../runs/run.ts';
import { findRun } from '../runs/store.ts';
import { isNamed, maySee, ownerMayBeAsked } from './may.ts';
import { keptDecision, opened } from './sealed.ts';
import { type Approval, type Decision, decideApproval, findApproval, lockApproval } from './store.ts';

export interface Resolution {
  readonly decision: 'approve' | 'reject';
  readonly values: Readonly<Record<string, unknown>>;
  readonly comment?: string | undefined;
  readonly through: Decision['through'];
}

/**
 * Resolves an approval in the caller's transaction and has its run go on. The run's owner cannot, unless its own client asked a
 * human. Throws APPROVAL_NOT_FOUND, FORBIDDEN, CONFLICT for one that is no longer pending, VALIDATION_FAILED for its values.
 */
export async function resolveApproval(
  tx: Db,
  principal: Principal,
  id: string,
  { decision, values, comment, through }: Resolution,
  payloads: Payloads,
): Promise<Approval> {
  const seen = await findApproval(tx, id);
  if (!seen || !maySee(principal, seen)) throw noApproval(id);
  // Its job is locked first, as its handler does.
  const run = await findRun(tx, seen.run_id);
  if (run) await wakeJob(tx, run.job_id);
  const approval = await lockApproval(tx, id);
  if (!approval) throw noApproval(id);
  requireOther(principal, approval, through);
  if (decision === 'approve') requireValues(await opened(approval, payloads), values);
  const decided = { values: decision === 'approve' ? values : {}, ...(comment !== undefined && { comment }), through };
  const kept = await keptDecision(tx, approval, decided, payloads);
  const resolved = await decideApproval(tx, id, decision === 'approve' ? 'approved' : 'rejected', principal.id, kept);
  if (!resolved) throw notPending(approval);
  return resolved;
}

function requireOther(principal: Principal, approval: Approval, through: string): void {
  const asked = through === 'elicitation' && principal.id === approval.owner && ownerMayBeAsked(principal, approval);
  if (principal.id === approval.owner && !asked) {
    throw new AppError(
      'FORBIDDEN',
      'Whoever a run belongs to cannot approve what it asks for.',
      'Have somebody else call resolve_approval, with a token of another principal.',
      { approval_id: approval.id },
    );
  }
  if (asked || approval.approvers.length === 0 || isNamed(principal, approval.approvers)) return;
  throw new AppError(
    'FORBIDDEN',
    'The definition names others who may resolve this approval.',
    'Have one of details.approvers call resolve_approval.',
    { approval_id: approval.id, approvers: approval.approvers },
  );
}

function requireValues({ fields }: Approval, values: Readonly<Record<string, unknown>>): void {
  const issues =
    fields === null
      ? Object.keys(values).map((path) => ({ path, message: 'is not asked for' }))
      : checkFields(fields, values);
  if (issues.length === 0) return;
  throw new AppError(
    'VALIDATION_FAILED',
    'The values do not meet what the approval asks for.',
    'Correct what details.issues names; list_workflow_approvals shows `fields`.',
    { issues },
  );
}

function checkFields(fields: Readonly<Record<string, unknown>>, values: Readonly<Record<string, unknown>>) {
  try {
    return checkInput(fields, values);
  } catch (error) {
    if (!(error instanceof SchemaProblem)) throw error;
    return [{ path: '', message: `cannot be checked: the definition asks for fields by no schema (${error.message})` }];
  }
}

function notPending({ state, expires_at }: Approval): AppError {
  const why = state === 'pending' && expires_at <= new Date() ? 'expired' : state;
  return new AppError(
    'CONFLICT',
    `This approval is ${why} already.`,
    'See how its run went on with get_workflow_run.',
    { state: why },
  );
}
