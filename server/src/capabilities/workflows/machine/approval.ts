import { formProblem } from '../definition/form.ts';
import { isObject } from '../definition/json.ts';
import { approvalFields, longestApprovalS, type TaskState } from '../definition/machine.ts';
import { Abandoned, StateFailure } from './failure.ts';
import type { ApprovalAnswer } from './needs.ts';
import { evaluate, type Visit } from './run.ts';
import { badType } from './simple.ts';

/** `mcp://tutti/request_approval` is no tool, but a state that asks a person. */
export const approvalTool = 'request_approval';

const defaultS = 7 * 86_400;

/** Asks, and waits for an answer until it is too late for one. */
export async function approval(visit: Visit<TaskState>): Promise<unknown> {
  const { run, scope, row } = visit;
  const { needs, activity } = run;
  if (row.status !== 'waiting' || !row.wake_at) await ask(visit);
  const expiresAt = new Date(row.wake_at ?? 0);
  for (;;) {
    const answer = await activity.during(() => needs.approvals.look(row));
    if (answer) return answered(answer);
    if (needs.time.now() >= expiresAt) break;
    await activity.sleep(expiresAt, scope.signal, { listens: true }).catch((reason: unknown) => {
      if (reason instanceof Abandoned) needs.approvals.withdraw(row);
      throw reason;
    });
  }
  const late = await activity.during(() => needs.approvals.expire(row));
  if (late) return answered(late);
  throw new StateFailure('States.Timeout', 'Nobody answered in time.', { ofCall: true });
}

async function ask(visit: Visit<TaskState>): Promise<void> {
  const { run, row, state, input } = visit;
  const { needs, activity } = run;
  const said = state.Arguments === undefined ? input.value : await evaluate(visit, 'arguments', state.Arguments);
  const given = isObject(said) ? said : {};
  const unknown = Object.keys(given).find((field) => !approvalFields.includes(field));
  if (unknown !== undefined) throw badType(`Arguments.${unknown.slice(0, 80)}`, `one of ${approvalFields.join(', ')}`);
  const { message, fields = null, approvers = [], expires_s: expiresS } = given;
  if (typeof message !== 'string' || message === '') throw badType('Arguments.message', 'a text');
  if (fields !== null && !isObject(fields)) throw badType('Arguments.fields', 'a JSON Schema');
  const wrong = fields === null ? undefined : formProblem(fields);
  if (wrong !== undefined) throw badType('Arguments.fields', `a form: ${wrong}`);
  if (!Array.isArray(approvers) || !approvers.every((one) => typeof one === 'string')) {
    throw badType('Arguments.approvers', 'a list of principals');
  }
  const seconds = expiresS ?? (typeof state.TimeoutSeconds === 'number' ? state.TimeoutSeconds : defaultS);
  if (typeof seconds !== 'number' || !(seconds >= 1 && seconds <= longestApprovalS)) {
    throw badType('Arguments.expires_s', `a number from 1 to ${longestApprovalS}`);
  }
  const expiresAt = new Date(needs.time.now().getTime() + seconds * 1000);
  Object.assign(row, { server: 'tutti', tool: approvalTool, status: 'waiting', wake_at: expiresAt.toISOString() });
  needs.journal.put(row);
  const { path, generation, tries, sealed } = row;
  const asked = { message: message.slice(0, 8000), fields, approvers, expiresAt };
  needs.approvals.open({ path, generation, tries, sealed, ...asked });
  await activity.during(() => needs.journal.flush());
}

function answered({ approved, by, at, values, comment }: ApprovalAnswer): unknown {
  if (approved) return { approved, by, at, values };
  throw new StateFailure('Tutti.ApprovalRejected', comment ?? 'It was not approved.', { ofCall: true });
}
