import type { Machine } from '../definition/machine.ts';
import type { ErrorOutput } from '../journal/row.ts';
import { createActivity } from './activity.ts';
import { errorOutput, inDoubt, nameOf, StateFailure } from './failure.ts';
import type { MachineNeeds } from './needs.ts';
import type { Datum, Run, RunningScope } from './run.ts';
import { runScope } from './run-scope.ts';

/** How a run of a machine ended, or that it waits. */
export type MachineEnd =
  | { readonly how: 'succeeded'; readonly output: Datum }
  | {
      readonly how: 'failed' | 'timed_out' | 'in_doubt';
      readonly error: ErrorOutput;
      readonly path: string | undefined;
    }
  /** Nothing is to be done before then, unless somebody wakes the run: whoever goes on with it begins with its journal. */
  | { readonly how: 'waiting'; readonly until: Date };

class OutOfTime extends Error {}
class Parked extends Error {
  readonly until: Date;
  constructor(until: Date) {
    super('parked');
    this.until = until;
  }
}

/**
 * Runs a machine to its end, from wherever its journal stands. Throws the reason of `needs.signal`, and whatever the parts that
 * it was given throw besides failures of states.
 */
export function runMachine(
  machine: Machine,
  input: Datum,
  needs: MachineNeeds,
): { readonly end: Promise<MachineEnd>; readonly poke: () => void } {
  const controller = new AbortController();
  const stop = () => controller.abort(needs.signal.reason);
  if (needs.signal.aborted) stop();
  else needs.signal.addEventListener('abort', stop, { once: true });
  const activity = createActivity(needs.time, (until) => controller.abort(new Parked(until)));
  needs.draining?.addEventListener('abort', activity.look, { once: true });

  const run: Run = {
    needs,
    activity,
    signal: controller.signal,
    input,
    kept: { bytes: 0 },
    within: (scope, given) => runScope(run, scope, given),
  };
  return { end: work(), poke: activity.poke };

  async function work(): Promise<MachineEnd> {
    const takeBack = machine.TimeoutSeconds === undefined ? undefined : limitTime(machine.TimeoutSeconds);
    try {
      const output = await runScope(run, topOf(machine, run), input);
      await needs.journal.flush();
      return { how: 'succeeded', output };
    } catch (error) {
      const reason = controller.signal.aborted ? controller.signal.reason : error;
      if (reason instanceof Parked) {
        await needs.journal.flush();
        return { how: 'waiting', until: reason.until };
      }
      const failed = reason instanceof OutOfTime ? outOfTime(machine) : reason;
      if (!(failed instanceof StateFailure)) {
        controller.abort(failed);
        throw failed;
      }
      await needs.journal.flush();
      const how = reason instanceof OutOfTime ? 'timed_out' : failed.error === inDoubt ? 'in_doubt' : 'failed';
      const shown = failed.sealed ? nameOf(failed) : errorOutput(failed);
      return { how, error: shown, path: failed.origin };
    } finally {
      takeBack?.();
      needs.signal.removeEventListener('abort', stop);
      needs.draining?.removeEventListener('abort', activity.look);
    }
  }

  function limitTime(seconds: number): () => void {
    const deadline = new Date(needs.execution.startedAt.getTime() + seconds * 1000);
    // A wait like any other, so that a run that parks is back in time.
    activity.sleep(deadline, controller.signal).then(
      () => controller.abort(new OutOfTime()),
      () => undefined,
    );
    return () => controller.abort();
  }
}

function outOfTime({ TimeoutSeconds }: Machine): StateFailure {
  return new StateFailure('States.Timeout', `The run took longer than its ${TimeoutSeconds} s.`);
}

function topOf(machine: Machine, run: Run): RunningScope {
  return {
    path: '',
    states: machine.States,
    startAt: machine.StartAt,
    variables: {},
    parent: undefined,
    map: undefined,
    signal: run.signal,
    secret: run.input.secret,
  };
}
