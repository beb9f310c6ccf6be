/** Steps that one evaluation of a policy set may take: a step is about one operation on a short value. */
export const mostSteps = 500_000;
/** Milliseconds of one evaluation, for what steps do not foresee. */
const mostMilliseconds = 5000;
/** Characters of a text, and items of a list, that an expression may make. */
const longestText = 65_536;
const longestList = 2000;

/** An evaluation that goes on for too long. It is refused: no part of it counts. */
export class BudgetError extends Error {}

/** What an evaluation has used up. Expressions run to their end without a pause, so that one meter at a time is enough. */
export class Meter {
  steps = 0;
  readonly #until: number;
  readonly #most: number;

  constructor(most = mostSteps, milliseconds = mostMilliseconds) {
    this.#most = most;
    this.#until = performance.now() + milliseconds;
  }

  /** Takes steps, or throws when there are none left. */
  take(steps = 1): void {
    this.steps += steps;
    if (this.exhausted()) throw new BudgetError('The evaluation takes too long.');
  }

  exhausted(): boolean {
    return this.steps > this.#most || performance.now() > this.#until;
  }

  /** Refuses what grows without end. */
  made<T extends string | { readonly size: number }>(value: T): T {
    const [size, most] = typeof value === 'string' ? [value.length, longestText] : [value.size, longestList];
    this.take(1 + Math.ceil(size / 64));
    if (size > most) throw new BudgetError('An expression makes a value that is too long.');
    return value;
  }
}

/** Outside of an evaluation nothing is counted against anybody. */
let current = new Meter(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);

/** The meter that runs. */
export function meter(): Meter {
  return current;
}

/** Runs work on a meter. */
export function metered<T>(on: Meter, work: () => T): T {
  const before = current;
  current = on;
  try {
    return work();
  } finally {
    current = before;
  }
}
