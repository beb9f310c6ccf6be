import type { Db } from '../../core/db/database.ts';
import { AppError } from '../../core/errors.ts';
import { isWithin } from './journal/journal.ts';
import type { Attempt, StateRow } from './journal/row.ts';
import { copyInputs, loadStates, putStates } from './journal/store.ts';
import type { RunRow } from './runs/run.ts';

export interface RedriveFrom {
  /** Name of a state at the top, or the path of one anywhere, as the history has it; by default what failed. */
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

/**
 * The rows to be written so that all from one execution of a state on runs anew, by its name the last one at the top: it, with
 * all within it, and what came after it in its scope and in each scope around it.
 */
function redriveFrom(rows: readonly StateRow[], from: string): StateRow[] {
  const standing = rows.filter(isStanding);
  const start = standing.findLast(({ scope, name, path }) => path === from || (scope === '' && name === from));
  if (!start) {
    throw new AppError(
      'CONFLICT',
      `This run executed no state ${JSON.stringify(from.slice(0, 100))}.`,
      'See its states with get_workflow_run: give the name of one at the top, or the path of any.',
    );
  }
  const gone = standing.filter((row) => row === start || isBelow(row, start));
  return runAnew(standing, gone, enclosing(standing)(start));
}

/**
 * The rows to be written so that what failed runs anew: each failed state with what came after it in its scope, and in each
 * scope around it. What a Catch took care of did not fail; a call in doubt stays in doubt until somebody says what became of it.
 */
function redriveFailed(rows: readonly StateRow[]): StateRow[] {
  const standing = rows.filter(isStanding);
  const around = enclosing(standing);
  const failed = standing.filter(
    (row) => (row.status === 'failed' || row.status === 'in_doubt') && around(row).every((outer) => counts(outer)),
  );
  if (failed.length === 0) {
    throw new AppError(
      'CONFLICT',
      'Nothing in this run failed.',
      'Give `from`, the name of a state at the top of the definition or the path of any, to run all from it on anew.',
    );
  }
  const again: StateRow[] = [];
  const gone: StateRow[] = [];
  for (const row of failed) {
    const inner = failed.some((other) => other !== row && isBelow(other, row));
    if (inner) again.push(row);
    else if (row.status === 'failed') gone.push(row);
    again.push(...around(row));
  }
  return runAnew(standing, gone, again);
}

/** Whether what failed within it is still open: it failed as well, or took note and went on. */
function counts({ status, type }: StateRow): boolean {
  return status !== 'caught' && (status !== 'succeeded' || type === 'Map');
}

/** Supersedes rows and what came after them; the Maps and Parallels around are entered again, and find all else as it was. */
function runAnew(standing: readonly StateRow[], first: readonly StateRow[], around: readonly StateRow[]): StateRow[] {
  const gone = new Set(first);
  const again = new Set(around);
  // What came after any of them in the same scope was computed from it.
  const before = [...gone, ...again];
  for (const row of standing) if (before.some((one) => isAfter(row, one))) gone.add(row);
  const reopened = [...again].filter((row) => !gone.has(row));
  return [...[...gone].map(superseded), ...reopened.flatMap((row) => [superseded(row), reopen(row)])];
}

/** The items, branches, Maps and Parallels around a row, the nearest first. */
function enclosing(standing: readonly StateRow[]): (row: StateRow) => StateRow[] {
  const byPath = new Map(standing.map((row) => [row.path, row]));
  return (row) => {
    const outer: StateRow[] = [];
    for (let at = byPath.get(row.scope); at; at = byPath.get(at.scope)) outer.push(at);
    return outer;
  };
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
