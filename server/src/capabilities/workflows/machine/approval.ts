import { isObject } from '../definition/json.ts';
import type { TaskState } from '../definition/machine.ts';
import { StateFailure } from './failure.ts';
import type { ApprovalAnswer } from './needs.ts';
import { evaluate, type Visit } from './run.ts';
import { badType } from './simple.ts';

/** `mcp://tutti/request_approval` is no tool, but a state that asks a person. */
export const approvalTool = 'request_approval';

const defaultS = 7 * 86_400;
const longestS = 366 * 86_400;

/** Asks, and waits for an answer until it is too late for one. */
export async function approval(visit: Visit<TaskState>): Promise<unknown> {
  const { run, scope, row } = visit;
  const { needs, activity } = run;
  const { path, generation } = row;
  if (row.status !== 'waiting' || !row.wake_at) await ask(visit);
  const expiresAt = new Date(row.wake_at ?? 0);
  for (;;) {
    const answer = await activity.during(() => needs.approvals.look(path, generation));
    if (answer) return answered(answer);
    if (needs.time.now() >= expiresAt) break;
    await activity.sleep(expiresAt, scope.signal, { listens: true });
  }
  const late = await activity.during(() => needs.approvals.expire(path, generation));
  if (late) return answered(late);
  throw new StateFailure('States.Timeout', 'Nobody answered in time.', { ofCall: true });
}

async function ask(visit: Visit<TaskState>): Promise<void> {
  const { run, row, state, input } = visit;
  const { needs, activity } = run;
  const said = state.Arguments === undefined ? input.value : await evaluate(visit, 'arguments', state.Arguments);
  const { message, fields = null, approvers = [], expires_s: expiresS } = isObject(said) ? said : {};
  if (typeof message !== 'string' || message === '') throw badType('Arguments.message', 'a text');
  if (fields !== null && !isObject(fields)) throw badType('Arguments.fields', 'a JSON Schema');
  if (!Array.isArray(approvers) || !approvers.every((one) => typeof one === 'string')) {
    throw badType('Arguments.approvers', 'a list of principals');
  }
  const seconds = expiresS ?? (typeof state.TimeoutSeconds === 'number' ? state.TimeoutSeconds : defaultS);
  if (typeof seconds !== 'number' || !(seconds >= 1 && seconds <= longestS)) {
    throw badType('Arguments.expires_s', `a number from 1 to ${longestS}`);
  }
  const expiresAt = new Date(needs.time.now().getTime() + seconds * 1000);
  Object.assign(row, { server: 'tutti', tool: approvalTool, status: 'waiting', wake_at: expiresAt.toISOString() });
  needs.journal.put(row);
  const { path, generation } = row;
  await activity.during(async () => {
    await needs.journal.flush();
    await needs.approvals.open({ path, generation, message: message.slice(0, 8000), fields, approvers, expiresAt });
  });
}

function answered({ approved, by, at, values, comment }: ApprovalAnswer): unknown {
  if (approved) return { approved, by, at, values };
  throw new StateFailure('Tutti.ApprovalRejected', comment ?? 'It was not approved.', { ofCall: true });
}
