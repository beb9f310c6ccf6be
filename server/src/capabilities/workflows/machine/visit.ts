import { type ErrorOutput, isLeft, type StateRow } from '../journal/row.ts';
import { sizeOf } from '../journal/size.ts';
import { Abandoned, abandoned, errorOutput, inDoubt, nameOf, recorded, StateFailure } from './failure.ts';
import type { Datum, Exit, Run, RunningScope, Visit } from './run.ts';

/** Enters a state, or comes back to one that was entered before. */
export function enter(
  run: Run,
  scope: RunningScope,
  place: { readonly path: string; readonly name: string; readonly type: StateRow['type'] },
  input: Datum,
): StateRow {
  const { journal, time, limits, counts } = run.needs;
  const known = journal.find(place.path);
  if (known) return known;
  const numbers = journal.next(place.path);
  if (numbers.seq > limits.states) {
    throw new StateFailure('Tutti.TooManyStates', `A run executes at most ${limits.states} states.`, { fatal: true });
  }
  const ofState = place.type !== 'Iteration' && place.type !== 'Branch';
  if (ofState) counts.states += 1;
  const row: StateRow = {
    ...numbers,
    ...place,
    scope: scope.path,
    entered_at: time.now().toISOString(),
    status: 'entered',
    attempts: [],
    tries: 0,
    next: null,
    error: null,
    server: null,
    tool: null,
    exited_at: null,
    wake_at: null,
    ms: null,
    sealed: isSecret(run, scope, place.name, input),
    sealed_input: input.secret || isSensitive(run, place.name),
    assigns: false,
  };
  journal.put(row, ofState ? { input: input.value } : {});
  return row;
}

/** Whether what a state makes may be secret. */
function isSecret({ needs }: Run, scope: RunningScope, name: string, input: Datum): boolean {
  const given = scope.secret || input.secret || isSensitive({ needs }, name);
  return given && !needs.public.includes(name);
}

function isSensitive({ needs }: Pick<Run, 'needs'>, name: string): boolean {
  return needs.sensitive === true || needs.sensitive.includes(name);
}

/** Leaves a state by its own way. */
export function leave({ run, row, scope }: Visit, exit: Exit): Datum {
  const { journal, counts, time } = run.needs;
  checkSize(run, exit.output);
  if (exit.assigned) checkSize(run, exit.assigned);
  const now = time.now();
  if (exit.caught) counts.caught += 1;
  row.status = exit.caught ? 'caught' : 'succeeded';
  row.next = exit.next ?? null;
  if (!exit.caught) row.error = null;
  row.wake_at = null;
  row.assigns = exit.assigned !== undefined;
  stamp(row, now);
  journal.put(row, { result: exit.output, ...(exit.assigned && { assigned: exit.assigned }) });
  if (exit.assigned) Object.assign(scope.variables, exit.assigned);
  scope.secret ||= row.sealed;
  return { value: exit.output, secret: row.sealed };
}

/** Notes how a state failed, for good. What a sealed state's failure says is sealed with it. */
export function fail(run: Run, row: StateRow, failure: StateFailure): void {
  failure.origin ??= row.path;
  const { counts } = run.needs;
  if (row.type === 'Iteration') {
    counts.items += 1;
    counts.items_failed += 1;
  } else if (row.type !== 'Branch') counts.failed += 1;
  if (failure.error === inDoubt && row.type === 'Task') {
    run.needs.doubts.note(row.seq, `${row.path} ${row.server}/${row.tool}`);
  }
  row.status = failure.error === inDoubt ? 'in_doubt' : 'failed';
  failure.sealed ||= row.sealed || row.sealed_input;
  row.sealed ||= failure.sealed;
  row.error = {
    ...shownError(row, failure),
    ...(failure.origin !== row.path && { path: failure.origin }),
    ...(failure.ofCall && { of_call: true }),
  };
  row.wake_at = null;
  stamp(row, run.needs.time.now());
  run.needs.journal.put(row, row.sealed ? { result: errorOutput(failure) } : {});
}

/** Has a state's data sealed that came of something secret, unless it is said to hold nothing secret. */
export function taint({ run, row }: Visit, secret: boolean): void {
  row.sealed ||= secret && !run.needs.public.includes(row.name);
}

/** What may be shown of a failure: of a state that sees secrets, its name alone. */
export function shownError(row: StateRow, failure: StateFailure) {
  return row.sealed || row.sealed_input || failure.sealed ? nameOf(failure) : errorOutput(failure);
}

/** Throws what a state that failed before failed with. One in doubt is looked at anew: somebody may have found out. */
export async function throwRecorded(run: Run, row: StateRow): Promise<void> {
  if (row.status !== 'failed' || !row.error) return;
  if (row.error.Error === abandoned) throw new Abandoned();
  const full = row.sealed ? await run.activity.during(() => run.needs.journal.read(row, 'result')) : undefined;
  const failure = recorded(row.error, (full as ErrorOutput | undefined) ?? row.error, row.path);
  failure.sealed = row.sealed || row.sealed_input;
  throw failure;
}

/** Goes past the states of a scope that were left before; answers where it is to go on, and with what. */
export async function catchUp(
  run: Run,
  scope: RunningScope,
  pathOf: (ordinal: number, name: string) => string,
  input: Datum,
): Promise<{ readonly ordinal: number; readonly name: string | undefined; readonly datum: Datum }> {
  const { journal } = run.needs;
  let name: string | undefined = scope.startAt;
  let ordinal = 0;
  let last: StateRow | undefined;
  for (let row = journal.find(pathOf(ordinal, name)); row && isLeft(row); ) {
    const left = row;
    last = left;
    scope.secret ||= left.sealed;
    if (left.assigns) {
      Object.assign(scope.variables, await run.activity.during(() => journal.read(left, 'assigned')));
    }
    name = left.next ?? undefined;
    ordinal += 1;
    row = name === undefined ? undefined : journal.find(pathOf(ordinal, name));
  }
  if (!last) return { ordinal, name, datum: input };
  const from = last;
  const value = await run.activity.during(() => journal.read(from, 'result'));
  return { ordinal, name, datum: { value, secret: from.sealed } };
}

function stamp(row: StateRow, now: Date): void {
  row.exited_at = now.toISOString();
  row.ms = Math.max(0, now.getTime() - Date.parse(row.entered_at));
}

/**
 * A state's data has a bound, and so has that of all states of a run: what is larger belongs into a store, and its name here.
 * Answers the bytes of a value.
 */
export function checkSize({ needs, kept }: Run, value: unknown): number {
  const { bytes: most, total } = needs.limits;
  const bytes = sizeOf(value);
  if (bytes > most) throw tooLarge(bytes, most);
  kept.bytes += bytes;
  if (kept.bytes <= total) return bytes;
  const message = `The states of a run make at most ${total} bytes of data.`;
  throw new StateFailure('Tutti.TooMuchData', message, { fatal: true });
}

export function tooLarge(bytes: number, most: number): StateFailure {
  return new StateFailure('States.DataLimitExceeded', `${bytes} bytes; a state's data has at most ${most}.`);
}
