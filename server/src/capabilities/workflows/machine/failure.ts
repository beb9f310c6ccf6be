import type { ErrorOutput, StateError } from '../journal/row.ts';

export const inDoubt = 'Tutti.IN_DOUBT';
/** A state that was given up because something else in its Map or Parallel failed. */
export const abandoned = 'Tutti.ABANDONED';

/** An error of a state, by its name in the Amazon States Language: what `Retry` and `Catch` see. */
export class StateFailure extends Error {
  readonly error: string;
  /** What is told of it; undefined for nothing. */
  override readonly cause: string | undefined;
  /** Whether a call ended so: `States.TaskFailed` means those. */
  readonly ofCall: boolean;
  /** Nothing catches it: the run ends. */
  readonly fatal: boolean;
  /** Path of the state that it came of first. */
  origin: string | undefined;
  /** Whether what it says may be secret: then only its name is shown. */
  sealed = false;
  /** Whether its name was computed: then that may be secret as well. */
  computed = false;

  constructor(error: string, cause?: string, { ofCall = false, fatal = false } = {}) {
    super(`${error}: ${cause ?? ''}`);
    this.name = 'StateFailure';
    this.error = error;
    this.cause = cause;
    this.ofCall = ofCall;
    this.fatal = fatal;
  }
}

/** Thrown where a state stops because its scope was given up; the one who gave it up knows why. */
export class Abandoned extends Error {
  constructor() {
    super('given up');
    this.name = 'Abandoned';
  }
}

export function errorOutput({ error, cause }: StateFailure): ErrorOutput {
  return { Error: error, ...(cause !== undefined && { Cause: cause }) };
}

/** What is shown of a failure that may say something secret. */
export function nameOf({ error, computed }: StateFailure): ErrorOutput {
  return { Error: computed ? 'Tutti.Sensitive' : error };
}

/** The failure of the recorded row of a path; what it says may be kept apart from it. */
export function recorded(told: StateError, { Error: error, Cause: cause }: ErrorOutput, path: string): StateFailure {
  const failure = new StateFailure(error, cause, { ofCall: told.of_call ?? false });
  failure.computed = error !== told.Error;
  failure.origin = told.path ?? path;
  return failure;
}

/**
 * Whether a failure is one of these names. `States.ALL` leaves out what trying again cannot help or must not: data that is
 * too large, and a call that may have arrived.
 */
export function isOneOf(failure: StateFailure, names: readonly string[]): boolean {
  if (failure.fatal) return false;
  return names.some((name) => {
    if (name === failure.error) return true;
    if (name === 'States.ALL') return failure.error !== 'States.DataLimitExceeded' && failure.error !== inDoubt;
    return (
      name === 'States.TaskFailed' && failure.ofCall && failure.error !== 'States.Timeout' && failure.error !== inDoubt
    );
  });
}
