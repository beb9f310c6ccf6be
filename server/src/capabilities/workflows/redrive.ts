import type { Db } from '../../core/db/database.ts';
import { AppError } from '../../core/errors.ts';
import { isWithin } from './journal/journal.ts';
import type { Attempt, StateRow } from './journal/row.ts';
import { copyInputs, loadStates, putStates } from './journal/store.ts';
import type { RunRow } from './runs/run.ts';

export interface RedriveFrom {
  /** Name of a state at the top; by default what failed. */
  readonly from?: string | undefined;
}

/**
 * Has the states of an ended run that failed run anew, or all from one state on. In the caller's transaction, which also puts the
 * job back into its queue. Throws CONFLICT where there is nothing to run anew.
 */
export async function redriveRun(tx: Db, run: Pick<RunRow, 'id'>, from: RedriveFrom): Promise<void> {
  await putStates(tx, run.id, redrive(await loadStates(tx, run.id), from));
  await copyInputs(tx, run.id);
}

/** The rows to be written for a redrive. */
export function redrive(rows: readonly StateRow[], { from }: RedriveFrom): StateRow[] {
  let last = Math.max(0, ...rows.map(({ seq }) => seq));
  const changed = from === undefined ? redriveFailed(rows) : redriveFrom(rows, from);
  return changed.map((row) => {
    if (row.status === 'superseded') return row;
    last += 1;
    return { ...row, seq: last };
  });
}

/** The rows to be written so that all from the last execution of a state at the top on runs anew. */
function redriveFrom(rows: readonly StateRow[], from: string): StateRow[] {
  const standing = rows.filter(isStanding);
  const start = standing.findLast(({ scope, name }) => scope === '' && name === from);
  if (!start) {
    throw new AppError(
      'CONFLICT',
      `This run executed no state called ${JSON.stringify(from.slice(0, 100))} at the top.`,
      'See its states with get_workflow_run.',
    );
  }
  return standing.filter((row) => ordinalOf(row, '') >= ordinalOf(start, '')).map(superseded);
}

/**
 * The rows to be written so that what failed runs anew: each failed state with what came after it in its scope, and in each
 * scope around it. The Maps and Parallels around it are entered again, and find all else as it was. What a Catch took care of
 * did not fail; a call in doubt stays in doubt until somebody says what became of it.
 */
function redriveFailed(rows: readonly StateRow[]): StateRow[] {
  const standing = rows.filter(isStanding);
  const byPath = new Map(standing.map((row) => [row.path, row]));
  const failed = standing.filter(
    (row) => (row.status === 'failed' || row.status === 'in_doubt') && enclosing(row).every((outer) => counts(outer)),
  );
  const again = new Map<string, StateRow>();
  const gone = new Map<string, StateRow>();
  for (const row of failed) {
    const inner = failed.some((other) => other !== row && isBelow(other, row));
    if (inner) again.set(row.path, row);
    else if (row.status === 'failed') gone.set(row.path, row);
    for (const outer of enclosing(row)) again.set(outer.path, outer);
  }
  if (failed.length === 0) {
    throw new AppError(
      'CONFLICT',
      'Nothing in this run failed.',
      'Give `from`, the name of a state at the top of the definition, to run all from it on anew.',
    );
  }
  // What came after any of them in the same scope was computed from it.
  for (const row of standing) {
    if ([...gone.values(), ...again.values()].some((before) => isAfter(row, before))) gone.set(row.path, row);
  }
  const reopened = [...again.values()].filter(({ path }) => !gone.has(path));
  return [...[...gone.values()].map(superseded), ...reopened.flatMap((row) => [superseded(row), reopen(row)])];

  /** The items, branches, Maps and Parallels around a row, the nearest first. */
  function enclosing(row: StateRow): StateRow[] {
    const outer: StateRow[] = [];
    for (let at = byPath.get(row.scope); at; at = byPath.get(at.scope)) outer.push(at);
    return outer;
  }

  /** Whether what failed within it is still open: it failed as well, or took note and went on. */
  function counts({ status, type }: StateRow): boolean {
    return status !== 'caught' && (status !== 'succeeded' || type === 'Map');
  }
}

function isStanding({ status }: StateRow): boolean {
  return status !== 'superseded';
}

/** Whether a row lies within another one, an item or branch within its Map or Parallel included. */
function isBelow(row: StateRow, outer: StateRow): boolean {
  return row.path.startsWith(`${outer.path}/`) || isWithin(row.path, outer.path);
}

/** Whether a row stands behind another one in that one's scope, or within something that does. */
function isAfter(row: StateRow, before: StateRow): boolean {
  // Items and branches have no order among each other.
  if (before.type === 'Iteration' || before.type === 'Branch') return false;
  const at = ordinalOf(row, before.scope);
  return at > ordinalOf(before, before.scope);
}

/** The ordinal, in a scope, of the state that a row is or lies within; -1 where it lies elsewhere. */
function ordinalOf({ path }: StateRow, scope: string): number {
  if (scope !== '' && !path.startsWith(`${scope}/`)) return -1;
  return Number.parseInt(scope === '' ? path : path.slice(scope.length + 1), 10);
}

function superseded(row: StateRow): StateRow {
  return { ...row, status: 'superseded' };
}

/**
 * Entered again at the same time and with the same number of tries: what its expressions come to is what it was. `Retry` may
 * try as often as at first.
 */
function reopen(row: StateRow): StateRow {
  return {
    ...row,
    generation: row.generation + 1,
    status: 'entered',
    attempts: row.attempts.map(({ retrier: _, ...attempt }): Attempt => attempt),
    next: null,
    error: null,
    exited_at: null,
    wake_at: null,
    ms: null,
    assigns: false,
  };
}
