/** What the server says of a failure: the `error` member of its envelope. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  /** What to do next. */
  readonly suggestion: string;
  /** Whether the same call may work later. */
  readonly retryable: boolean;
  readonly details?: unknown;
}

/** A call that failed. `status` is the HTTP status; absent when no server answered, or none was asked. */
export class TuttiError extends Error implements Failure {
  readonly code: string;
  readonly suggestion: string;
  readonly retryable: boolean;
  readonly details: unknown;
  readonly status: number | undefined;

  constructor(failure: Failure, status?: number, options?: ErrorOptions) {
    super(failure.message, options);
    this.name = 'TuttiError';
    this.code = failure.code;
    this.suggestion = failure.suggestion;
    this.retryable = failure.retryable;
    this.details = failure.details;
    this.status = status;
  }
}

/** A mistake in what was asked for, found before any server was asked to do it. */
export function badInput(message: string, suggestion: string): TuttiError {
  return new TuttiError({ code: 'VALIDATION_FAILED', message, suggestion, retryable: false });
}
