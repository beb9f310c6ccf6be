import type { ParallelState } from '../definition/machine.ts';
import { createFamily, createSum, runChild, settle, stopOthers } from './children.ts';
import type { StateFailure } from './failure.ts';
import { recovering } from './retry.ts';
import { type Exit, evaluate, type Visit, yields } from './run.ts';
import { taint } from './visit.ts';

/** Runs all branches at once, each on the same input; its result is the list of what came out of them. */
export function parallel(visit: Visit<ParallelState>): Promise<Exit> {
  return recovering(visit, visit.state, () => attempt(visit));
}

async function attempt(visit: Visit<ParallelState>): Promise<Exit> {
  const { state, input, row, scope } = visit;
  const given = state.Arguments === undefined ? input.value : await evaluate(visit, 'arguments', state.Arguments);
  const family = createFamily(scope.signal);
  const results: unknown[] = [];
  const tooMuch = createSum(visit);
  let failed: StateFailure | undefined;
  await settle(
    family,
    state.Branches.map(async (branch, index) => {
      const path = `${row.path}.${index}`;
      const end = await runChild(visit, family, { path, type: 'Branch', scope: branch, input: async () => given });
      if (end.ok) {
        results[index] = end.datum.value;
        taint(visit, end.datum.secret);
        const failure = tooMuch(end.datum.value);
        if (!failure) return;
        failed ??= failure;
        family.giveUp();
      } else {
        failed ??= end.failure;
        stopOthers(family, end.failure);
      }
    }),
  );
  if (failed) throw failed;
  return { ...(await yields(visit, state, results, { result: results })), next: state.Next };
}
