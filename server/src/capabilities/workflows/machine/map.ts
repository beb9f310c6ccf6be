import type { MapState } from '../definition/machine.ts';
import { createFamily, createSum, runChild, settle, stopOthers } from './children.ts';
import { errorOutput, inDoubt, StateFailure } from './failure.ts';
import { inputOf, itemsOf } from './map-items.ts';
import { recovering } from './retry.ts';
import { type Exit, type Visit, yields } from './run.ts';
import { numberOf } from './simple.ts';
import { shownError, taint } from './visit.ts';

/** Runs the item processor for each item; its result is the list of what came out, in the order of the items. */
export function map(visit: Visit<MapState>): Promise<Exit> {
  return recovering(visit, visit.state, () => attempt(visit));
}

async function attempt(visit: Visit<MapState>): Promise<Exit> {
  const { run, row, scope, state } = visit;
  const { needs } = run;
  const items = await itemsOf(visit);
  const tolerated = await toleratedOf(visit, items.length);
  const lanes = await lanesOf(visit, needs.limits.concurrency);
  const family = createFamily(scope.signal);
  const results: unknown[] = new Array(items.length).fill(null);
  const tooMuch = createSum(visit);
  const at = { next: 0, failures: 0, failed: undefined as StateFailure | undefined };

  async function one(index: number): Promise<void> {
    const end = await runChild(visit, family, {
      path: `${row.path}[${index}]`,
      type: 'Iteration',
      scope: state.ItemProcessor,
      input: () => inputOf(visit, items, index),
      map: { Item: { Index: index, Value: items[index] } },
    });
    taint(visit, end.ok ? end.datum.secret : end.failure.sealed);
    if (end.ok) {
      results[index] = end.datum.value;
      const failure = tooMuch(end.datum.value);
      if (!failure) return;
      at.failed ??= failure;
      family.giveUp();
      return;
    }
    at.failures += 1;
    results[index] = row.sealed ? errorOutput(end.failure) : shownError(row, end.failure);
    const { failure } = end;
    if (!failure.fatal && failure.error !== inDoubt && tolerated && at.failures <= tolerated.most) return;
    // What ends the run counts before what the definition does not tolerate.
    if (!at.failed || failure.fatal || failure.error === inDoubt) {
      at.failed =
        failure.fatal || failure.error === inDoubt || !tolerated ? failure : exceeded(failure, tolerated.most);
    }
    stopOthers(family, failure);
  }

  async function lane(): Promise<void> {
    while (at.next < items.length && !family.held() && !family.signal.aborted) {
      const index = at.next;
      at.next += 1;
      await one(index);
    }
  }

  await settle(
    family,
    Array.from({ length: Math.min(lanes, items.length) }, () => lane()),
  );
  if (scope.signal.aborted) throw scope.signal.reason;
  if (at.failed) throw at.failed;
  return { ...(await yields(visit, state, results, { result: results })), next: state.Next };
}

function exceeded(failure: StateFailure, most: number): StateFailure {
  const error = new StateFailure(
    'States.ExceedToleratedFailureThreshold',
    `More than the tolerated ${most} items failed; the last one with ${failure.error}.`,
  );
  error.origin = failure.origin;
  error.sealed = failure.sealed;
  return error;
}

/** How many items may fail; undefined where the definition says nothing, and the first failure counts as it is. */
async function toleratedOf(visit: Visit<MapState>, items: number): Promise<{ readonly most: number } | undefined> {
  const { ToleratedFailureCount: count, ToleratedFailurePercentage: percentage } = visit.state;
  if (count === undefined && percentage === undefined) return undefined;
  const whole = { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true };
  const most = count === undefined ? items : await numberOf(visit, 'ToleratedFailureCount', count, whole);
  if (percentage === undefined) return { most };
  const share = await numberOf(visit, 'ToleratedFailurePercentage', percentage, { min: 0, max: 100, whole: false });
  return { most: Math.min(most, Math.floor((items * share) / 100)) };
}

/** Items at once: what the definition says, 0 meaning as many as may be. */
async function lanesOf(visit: Visit<MapState>, limit: number): Promise<number> {
  const bounds = { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true };
  const wanted = await numberOf(visit, 'MaxConcurrency', visit.state.MaxConcurrency ?? 0, bounds);
  return wanted === 0 ? limit : Math.min(wanted, limit);
}
