import type { State } from '../definition/machine.ts';
import { Abandoned, abandoned, StateFailure } from './failure.ts';
import { map } from './map.ts';
import { parallel } from './parallel.ts';
import { type Datum, type Exit, pathIn, type Run, type RunningScope, type Visit } from './run.ts';
import { choice, failing, pass, succeed, wait } from './simple.ts';
import { task } from './task.ts';
import { catchUp, enter, fail, leave, throwRecorded } from './visit.ts';

/** Runs the states of a scope one after another until one ends it; answers what came out. */
export async function runScope(run: Run, scope: RunningScope, input: Datum): Promise<Datum> {
  const pathOf = (at: number, state: string) => pathIn(scope.path, at, state);
  let { ordinal, name, datum } = await catchUp(run, scope, pathOf, input);
  for (; name !== undefined; ordinal += 1) {
    if (scope.signal.aborted) throw scope.signal.reason;
    const state = scope.states[name];
    if (!state) throw new StateFailure('States.Runtime', `There is no state ${name}.`, { fatal: true });
    const exit = await runState(run, scope, state, { path: pathOf(ordinal, name), name }, datum);
    datum = exit.datum;
    name = exit.next;
    if (scope.parent === undefined) progress(run, scope, ordinal);
    await run.activity.during(() => run.needs.journal.room());
  }
  return datum;
}

async function runState(
  run: Run,
  scope: RunningScope,
  state: State,
  { path, name }: { readonly path: string; readonly name: string },
  input: Datum,
): Promise<{ readonly datum: Datum; readonly next: string | undefined }> {
  const row = enter(run, scope, { path, name, type: state.Type }, input);
  await throwRecorded(run, row);
  const visit: Visit = { run, scope, state, row, input };
  try {
    const exit = await execute(visit);
    const datum = leave(visit, exit);
    return { datum, next: exit.next };
  } catch (error) {
    if (error instanceof Abandoned) fail(run, row, new StateFailure(abandoned));
    if (error instanceof StateFailure) fail(run, row, error);
    throw error;
  }
}

function execute(visit: Visit): Promise<Exit> {
  const { state } = visit;
  switch (state.Type) {
    case 'Task':
      return task({ ...visit, state });
    case 'Map':
      return map({ ...visit, state });
    case 'Parallel':
      return parallel({ ...visit, state });
    case 'Choice':
      return choice({ ...visit, state });
    case 'Wait':
      return wait({ ...visit, state });
    case 'Pass':
      return pass({ ...visit, state });
    case 'Succeed':
      return succeed({ ...visit, state });
    case 'Fail':
      return failing({ ...visit, state });
  }
}

/** How far a run is: how many states at the top it left, of those that there are. An estimate, for it may skip or repeat some. */
function progress(run: Run, scope: RunningScope, ordinal: number): void {
  run.needs.onProgress?.(Math.min(0.99, (ordinal + 1) / Object.keys(scope.states).length));
}
