import type { Principal } from '../../../core/auth/principal.ts';
import type { Db } from '../../../core/db/database.ts';
import type { HumanAnswer } from '../../../core/elicit.ts';
import { AppError } from '../../../core/errors.ts';
import type { ToolContext } from '../../../core/tool.ts';
import type { Payloads, RunRow } from '../runs/run.ts';
import { ownerMayBeAsked } from './may.ts';
import { resolveApproval } from './resolve.ts';
import { opened } from './sealed.ts';
import { type Approval, pendingOf } from './store.ts';

/** Ends the call with a question where its run waits for an approval that the caller's own human may give. */
export async function askOwner(
  run: RunRow,
  { db, principal, elicit, answer }: ToolContext,
  payloads: Payloads,
): Promise<void> {
  if (!elicit || principal.id !== run.owner || answer?.action === 'cancel') return;
  const pending = await Promise.all((await pendingOf(db, run.id)).map((one) => opened(one, payloads)));
  const approval = pending.find((one) => ownerMayBeAsked(principal, one) && isPlain(one.fields));
  if (!approval) return;
  elicit({
    message: approval.message,
    schema: { properties: {}, ...approval.fields, type: 'object' },
    state: { run_id: run.id, approval_id: approval.id },
  });
}

/** Whether a form of the protocol can ask for these fields: texts, numbers and yes or no. */
function isPlain(fields: Approval['fields']): boolean {
  const properties = Object.values((fields?.properties ?? {}) as Record<string, { type?: unknown }>);
  return properties.every(({ type }) => ['string', 'number', 'integer', 'boolean'].includes(String(type)));
}

/** Takes what the human said: to decline is to reject, and no answer leaves the approval as it is. */
export async function takeAnswer(
  tx: Db,
  principal: Principal,
  { action, content, state }: HumanAnswer,
  payloads: Payloads,
): Promise<void> {
  if (action === 'cancel') return;
  const decision = action === 'accept' ? 'approve' : 'reject';
  const resolution = { decision, values: content, through: 'elicitation' } as const;
  await resolveApproval(tx, principal, state.approval_id ?? '', resolution, payloads).catch((error: unknown) => {
    // Somebody else was faster, or it expired meanwhile: the run goes on as that said.
    if (!(error instanceof AppError) || error.code !== 'CONFLICT') throw error;
  });
}
