import { parseResource, type TaskState } from '../definition/machine.ts';
import { approval, approvalTool } from './approval.ts';
import { inDoubt, StateFailure } from './failure.ts';
import { recovering } from './retry.ts';
import { type Exit, evaluate, type Visit, yields } from './run.ts';
import { numberOf } from './simple.ts';

/** By the Amazon States Language. */
const defaultTimeoutS = 60;
const longestTimeoutS = 99_999_999;

export function task(visit: Visit<TaskState>): Promise<Exit> {
  return recovering(visit, visit.state, () => attempt(visit));
}

async function attempt(visit: Visit<TaskState>): Promise<Exit> {
  const { state, input } = visit;
  const { needs } = visit.run;
  const { server, tool } = parseResource(state.Resource) ?? { server: '', tool: '' };
  const asks = server === 'tutti' && tool === approvalTool;
  const result = asks ? await approval(visit) : await call(visit, server, tool);
  return { ...(await yields(visit, state, result, { result })), next: visit.state.Next };

  async function call(of: Visit<TaskState>, toServer: string, toTool: string): Promise<unknown> {
    const found = await lookedUp(of, needs.isIdempotent(toServer, toTool));
    if (found) return found.result;
    const args = await evaluate(of, 'arguments', state.Arguments ?? null);
    return send(of, toServer, toTool, state.Arguments === undefined ? input.value : args);
  }
}

/** Calls the tool, its intent written down before where sending it twice might do harm. */
async function send(visit: Visit<TaskState>, server: string, tool: string, args: unknown): Promise<unknown> {
  const { run, scope, row, state } = visit;
  const { needs, activity } = run;
  const seconds = state.TimeoutSeconds ?? defaultTimeoutS;
  const timeoutS = await numberOf(visit, 'TimeoutSeconds', seconds, { min: 1, max: longestTimeoutS, whole: true });
  // The process is about to stop: what it does not begin, it cannot leave in doubt.
  if (needs.draining?.aborted) await activity.sleep(new Date(8.64e15), scope.signal);
  const repeatable = needs.isIdempotent(server, tool);
  Object.assign(row, { server, tool });
  if (!repeatable) {
    row.status = 'sending';
    needs.journal.put(row);
    await activity.during(() => needs.journal.flush());
  }
  if (scope.signal.aborted) throw scope.signal.reason;
  needs.counts.calls += 1;
  // When another state fails, a call that may have done something is waited for rather than left in doubt.
  const signal = repeatable ? scope.signal : run.signal;
  const idempotencyKey = `${needs.execution.id}:${row.seq}:${row.generation}`;
  const made = { server, tool, args, path: row.path, idempotencyKey, timeoutMs: timeoutS * 1000, signal };
  try {
    return await activity.during(() => needs.callTask(made));
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}

/** What became of a call that was cut off: its result, where somebody found out. Undefined: it may be sent. */
async function lookedUp(
  visit: Visit<TaskState>,
  repeatable: boolean,
): Promise<{ readonly result: unknown } | undefined> {
  const { run, row } = visit;
  const { needs, activity } = run;
  if (row.status !== 'sending' && row.status !== 'in_doubt') return undefined;
  const found = await activity.during(() => needs.doubts.look(row.seq));
  if (found === 'repeat') {
    row.status = 'entered';
    row.error = null;
    return undefined;
  }
  if (found) return found;
  if (repeatable) return undefined;
  throw new StateFailure(inDoubt, 'The call was cut off; whether it arrived is not known.', { ofCall: true });
}
