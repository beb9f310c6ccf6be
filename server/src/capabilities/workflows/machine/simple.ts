import type { ChoiceState, FailState, PassState, SucceedState, WaitState } from '../definition/machine.ts';
import { expressionOf, hasExpressions } from '../expressions/template.ts';
import { StateFailure } from './failure.ts';
import { type Exit, evaluate, type Visit, yields } from './run.ts';

const longestWaitS = 99_999_999;

export async function pass(visit: Visit<PassState>): Promise<Exit> {
  const { state, input } = visit;
  return { ...(await yields(visit, state, input.value)), next: state.Next };
}

export async function succeed(visit: Visit<SucceedState>): Promise<Exit> {
  const { state, input } = visit;
  return { ...(await yields(visit, state, input.value)), next: undefined };
}

export async function failing(visit: Visit<FailState>): Promise<never> {
  const { Error: error, Cause: cause } = visit.state;
  const said = await evaluate(visit, 'fail', { error: error ?? 'Fail', ...(cause !== undefined && { cause }) });
  const { error: name, cause: why } = said as { error: unknown; cause?: unknown };
  const failure = new StateFailure(textOf(name, 'Error'), why === undefined ? undefined : textOf(why, 'Cause'));
  failure.computed = error !== undefined && hasExpressions(error);
  throw failure;
}

/** The first rule whose condition holds decides: its `Output` and `Assign` count, the state's own only with `Default`. */
export async function choice(visit: Visit<ChoiceState>): Promise<Exit> {
  const { state, input } = visit;
  for (const [index, rule] of state.Choices.entries()) {
    const holds = await evaluate(visit, `choice ${index}`, rule.Condition);
    if (typeof holds !== 'boolean') throw badType(`Choices[${index}].Condition`, 'true or false');
    if (holds) return { ...(await yields(visit, rule, input.value)), next: rule.Next };
  }
  if (state.Default === undefined) {
    throw new StateFailure('States.NoChoiceMatched', 'No condition holds, and there is no Default.');
  }
  return { ...(await yields(visit, state, input.value)), next: state.Default };
}

/** Waits for a while, or until a time. When that is over is in the row: it outlives the process. */
export async function wait(visit: Visit<WaitState>): Promise<Exit> {
  const { run, state, row, input, scope } = visit;
  if (!row.wake_at) {
    row.wake_at = (await untilOf(visit)).toISOString();
    row.status = 'waiting';
    run.needs.journal.put(row);
  }
  await run.activity.sleep(new Date(row.wake_at), scope.signal);
  return { ...(await yields(visit, state, input.value)), next: state.Next };
}

async function untilOf(visit: Visit<WaitState>): Promise<Date> {
  const { Seconds, Timestamp } = visit.state;
  if (Timestamp !== undefined) {
    const said = await evaluate(visit, 'until', Timestamp);
    const time = typeof said === 'string' && /^\d{4}-\d\d-\d\dT/.test(said) ? Date.parse(said) : Number.NaN;
    if (Number.isNaN(time)) throw badType('Timestamp', 'a time by RFC 3339');
    return new Date(time);
  }
  const seconds = await evaluate(visit, 'until', Seconds ?? 0);
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= longestWaitS)) {
    throw badType('Seconds', `a number from 0 to ${longestWaitS}`);
  }
  return new Date(Date.parse(visit.row.entered_at) + seconds * 1000);
}

/** A number that a field says, as it stands or by an expression. */
export async function numberOf(
  visit: Visit,
  field: string,
  value: number | string,
  { min, max, whole }: { readonly min: number; readonly max: number; readonly whole: boolean },
): Promise<number> {
  const said =
    typeof value === 'string' && expressionOf(value) !== undefined ? await evaluate(visit, field, value) : value;
  if (typeof said === 'number' && said >= min && said <= max && (!whole || Number.isInteger(said))) return said;
  throw badType(field, `${whole ? 'a whole number' : 'a number'} from ${min} to ${max}`);
}

export function badType(field: string, wanted: string): StateFailure {
  return new StateFailure('States.QueryEvaluationError', `${field} did not come to ${wanted}.`);
}

function textOf(value: unknown, field: string): string {
  if (typeof value === 'string') return value.slice(0, 32_768);
  throw badType(field, 'a text');
}
