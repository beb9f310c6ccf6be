import type { Principal } from '../../../core/auth/principal.ts';
import type { Db } from '../../../core/db/database.ts';
import type { Payloads } from '../runs/run.ts';
import { isNamed } from './may.ts';
import type { Approval, Decision, NewApproval } from './store.ts';

/** What stands in place of a message that is sealed. */
const instead =
  'It is sealed: list_workflow_approvals shows it to those who may resolve it, and to the owner of the run.';

type Asked = Omit<NewApproval, 'sealed'>;
const placeOf = ({ run_id, path }: Asked | Approval) => ({ runId: run_id, path: `${path}#approval` });

/** A request of a sensitive state: what is asked is sealed at rest, as the state's data is. */
export async function sealedRequest(tx: Db, asked: Asked, payloads: Payloads): Promise<NewApproval> {
  const { message, fields } = asked;
  const sealed = await payloads.keep(tx, { message, fields }, { ...placeOf(asked), sealed: true });
  return { ...asked, message: instead, fields: null, sealed };
}

/** An approval with what it asks, for whoever may read that. */
export async function opened(approval: Approval, payloads: Pick<Payloads, 'open'>): Promise<Approval> {
  if (!approval.sealed) return approval;
  const asked = await payloads.open(approval.sealed, placeOf(approval));
  return { ...approval, ...(asked as Pick<Approval, 'message' | 'fields'>) };
}

/** Whether a principal may read what a sealed approval asks: the owner of the run, and who may resolve it. */
export function mayOpen(principal: Principal, { owner, approvers }: Approval): boolean {
  if (principal.id === owner) return true;
  return approvers.length === 0 ? principal.scopes.has('workflows:write') : isNamed(principal, approvers);
}

/** The decision of an approval as it is kept: sealed where what was asked is. */
export async function keptDecision(
  tx: Db,
  approval: Approval,
  { values, comment, through }: Decision,
  payloads: Payloads,
): Promise<Decision> {
  if (!approval.sealed) return { values, through, ...(comment !== undefined && { comment }) };
  const sealed = await payloads.keep(tx, { values, comment }, { ...placeOf(approval), sealed: true });
  return { values: {}, through, sealed };
}

export async function openedDecision(
  approval: Approval,
  payloads: Pick<Payloads, 'open'>,
): Promise<Pick<Decision, 'values' | 'comment'> | null> {
  const { decision } = approval;
  if (!decision?.sealed) return decision;
  return (await payloads.open(decision.sealed, placeOf(approval))) as Pick<Decision, 'values' | 'comment'>;
}
