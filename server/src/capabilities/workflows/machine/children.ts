import type { Scope } from '../definition/machine.ts';
import type { StateRow } from '../journal/row.ts';
import { sizeOf } from '../journal/size.ts';
import { Abandoned, inDoubt, StateFailure } from './failure.ts';
import type { Datum, RunningScope, Visit } from './run.ts';
import { checkSize, enter, fail, throwRecorded, tooLarge } from './visit.ts';

/** What became of an item or a branch. */
export type ChildEnd =
  | { readonly ok: true; readonly datum: Datum }
  | { readonly ok: false; readonly failure: StateFailure };

/** The children of a Map or a Parallel that run at once, and are given up at once. */
export interface Family {
  readonly signal: AbortSignal;
  /** Stops what runs, and begins no more. */
  giveUp(): void;
  /** Begins no more, and lets end what runs. */
  hold(): void;
  readonly held: () => boolean;
  close(): void;
}

export function createFamily(parent: AbortSignal): Family {
  const controller = new AbortController();
  const follow = () => controller.abort(parent.reason);
  if (parent.aborted) follow();
  else parent.addEventListener('abort', follow, { once: true });
  let held = false;
  return {
    signal: controller.signal,
    giveUp() {
      held = true;
      controller.abort(new Abandoned());
    },
    hold() {
      held = true;
    },
    held: () => held,
    close: () => parent.removeEventListener('abort', follow),
  };
}

/** A row for the item or branch, so that one that ended is not gone through again. */
export async function runChild(
  visit: Visit,
  family: Family,
  child: {
    readonly path: string;
    readonly type: 'Iteration' | 'Branch';
    readonly scope: Scope;
    readonly input: () => Promise<unknown>;
    readonly map?: RunningScope['map'];
  },
): Promise<ChildEnd> {
  const { run, row: container, scope: parent } = visit;
  const { journal } = run.needs;
  const given: Datum = { value: undefined, secret: container.sealed };
  const row = enter(run, { ...parent, path: container.path }, { ...child, name: container.name }, given);
  if (row.status === 'succeeded') {
    const value = await run.activity.during(() => journal.read(row, 'result'));
    return { ok: true, datum: { value, secret: row.sealed } };
  }
  try {
    await throwRecorded(run, row);
    const scope: RunningScope = {
      path: child.path,
      states: child.scope.States,
      startAt: child.scope.StartAt,
      variables: {},
      parent,
      map: child.map ?? parent.map,
      signal: family.signal,
      secret: parent.secret || container.sealed,
    };
    const input = await child.input();
    checkSize(run, input);
    const datum = await run.within(scope, { value: input, secret: container.sealed });
    checkSize(run, datum.value);
    end(visit, row, datum);
    return { ok: true, datum };
  } catch (error) {
    if (error instanceof Abandoned) fail(run, row, new StateFailure('Tutti.ABANDONED'));
    if (!(error instanceof StateFailure)) throw error;
    // One that was recorded stands as it is; one in doubt was looked at anew.
    if (row.status !== 'failed') fail(run, row, error);
    return { ok: false, failure: error };
  }
}

function end({ run }: Visit, row: StateRow, datum: Datum): void {
  const now = run.needs.time.now();
  row.status = 'succeeded';
  row.sealed = datum.secret;
  row.error = null;
  row.exited_at = now.toISOString();
  row.ms = Math.max(0, now.getTime() - Date.parse(row.entered_at));
  if (row.type === 'Iteration') run.needs.counts.items += 1;
  run.needs.journal.put(row, { result: datum.value });
}

/** Adds up what children come to: together it is the data of one state. Answers how that fails once it is too large. */
export function createSum({ run }: Visit): (value: unknown) => StateFailure | undefined {
  const most = run.needs.limits.bytes;
  let bytes = 0;
  return (value) => {
    bytes += sizeOf(value);
    return bytes > most ? tooLarge(bytes, most) : undefined;
  };
}

/**
 * Waits for all children, whatever becomes of them, then throws what ends the run, if anything does. `onEnd` hears of each
 * end and may give the others up.
 */
export async function settle(family: Family, children: Iterable<Promise<void>>): Promise<void> {
  const ends = await Promise.allSettled(children);
  family.close();
  for (const one of ends) {
    if (one.status === 'rejected' && !(one.reason instanceof Abandoned)) throw one.reason;
  }
}

/** A call in doubt ends the run, but not what runs beside it. */
export function stopOthers(family: Family, failure: StateFailure): void {
  if (failure.error === inDoubt) family.hold();
  else family.giveUp();
}
