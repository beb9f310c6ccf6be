import type { Json, Template } from '../definition/json.ts';

/** What to evaluate, and with which world: the same request comes to the same result, whenever and wherever. */
export interface EvaluationRequest {
  /** Its expressions are evaluated in the order in which they stand. */
  readonly expressions: Template;
  readonly bindings: {
    /** `$states`: input, context and, where there are such, result and errorOutput. */
    readonly states: Readonly<Record<string, unknown>>;
    readonly variables: Readonly<Record<string, unknown>>;
  };
  /** What `$now()` and `$millis()` say, ISO 8601. */
  readonly clock: string;
  /** What `$random()`, `$uuid()` and `$shuffle()` follow from. */
  readonly seed: string;
}

/** Why no result came: of the expression itself, or of what it is allowed. */
export type QueryLimit = 'time' | 'memory' | 'size' | 'depth';

/** To the process that evaluates. */
export interface ToChild {
  readonly id: number;
  readonly request: EvaluationRequest;
  readonly milliseconds: number;
}

/** And back. */
export type FromChild =
  | { readonly id: number; readonly value: Json }
  | { readonly id: number; readonly problem: string; readonly limit?: QueryLimit };

/** Most bytes of JSON that an evaluation may be given, and may give. */
export const mostBytes = 16 * 1024 * 1024;

/** Deepest nesting of a result. */
export const deepest = 100;

/** An expression that failed, or was stopped: `States.QueryEvaluationError` (`limit: 'size'`: `States.DataLimitExceeded`). */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  /** What ran out; undefined when the expression itself is at fault. */
  readonly limit: QueryLimit | undefined;

  /** The message may quote what was evaluated: it is data of the run. */
  constructor(message: string, limit?: QueryLimit) {
    super(message);
    this.limit = limit;
  }
}
