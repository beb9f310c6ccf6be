import type { Catcher, Retrier } from '../definition/machine.ts';
import type { Attempt, StateRow } from '../journal/row.ts';
import { errorOutput, isOneOf, StateFailure } from './failure.ts';
import { type Exit, type Visit, yields } from './run.ts';
import { shownError, taint } from './visit.ts';

const longestDelayS = 31_622_400;

interface Recovers {
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

/**
 * Runs a state's work with its `Retry` and `Catch`. The tries are in its row, so a wait between two of them, and how many are
 * left, outlive the process. For another try, what ran within a Map or a Parallel counts no more.
 */
export async function recovering(
  visit: Visit,
  { Retry = [], Catch = [] }: Recovers,
  work: () => Promise<Exit>,
): Promise<Exit> {
  const { run, row, scope } = visit;
  const { needs, activity } = run;
  for (;;) {
    if (row.status === 'retrying' && row.wake_at) {
      await activity.sleep(new Date(row.wake_at), scope.signal);
      row.status = 'entered';
      row.wake_at = null;
    }
    const at = needs.time.now();
    try {
      const exit = await work();
      note(row, at, needs.time.now());
      return exit;
    } catch (error) {
      if (!(error instanceof StateFailure)) throw error;
      const retry = chooseRetry(Retry, row.attempts, error, needs.random);
      note(row, at, needs.time.now(), { error: shownError(row, error), ...(retry && { retrier: retry.index }) });
      if (retry) {
        // Together with the row below: within a container that counts anew, nothing of before may stand.
        if (visit.state.Type !== 'Task') needs.journal.supersede(row.path);
        needs.counts.retries += 1;
        row.status = 'retrying';
        row.tries += 1;
        row.wake_at = new Date(needs.time.now().getTime() + retry.delayS * 1000).toISOString();
        needs.journal.put(row);
        continue;
      }
      const catcher = Catch.find(({ ErrorEquals }) => isOneOf(error, ErrorEquals));
      if (!catcher) throw error;
      const output = errorOutput(error);
      taint(visit, error.sealed);
      row.error = shownError(row, error);
      return {
        ...(await yields(visit, catcher, output, { errorOutput: output })),
        next: catcher.Next,
        caught: true,
      };
    }
  }
}

function note(row: StateRow, from: Date, to: Date, how: Pick<Attempt, 'error' | 'retrier'> = {}): void {
  row.attempts = [...row.attempts, { at: from.toISOString(), ms: to.getTime() - from.getTime(), ...how }];
}

/** The first retrier that knows the failure counts; each has tries of its own. */
function chooseRetry(
  retriers: readonly Retrier[],
  attempts: readonly Attempt[],
  failure: StateFailure,
  random: () => number,
): { readonly index: number; readonly delayS: number } | undefined {
  const index = retriers.findIndex(({ ErrorEquals }) => isOneOf(failure, ErrorEquals));
  const retrier = retriers[index];
  if (!retrier) return undefined;
  const { MaxAttempts = 3, IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = longestDelayS } = retrier;
  const before = attempts.filter((attempt) => attempt.retrier === index).length;
  if (before >= MaxAttempts) return undefined;
  const delayS = Math.min(IntervalSeconds * BackoffRate ** before, MaxDelaySeconds, longestDelayS);
  return { index, delayS: retrier.JitterStrategy === 'FULL' ? delayS * random() : delayS };
}
