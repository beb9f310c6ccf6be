import type { TuttiError } from './error.ts';

const byCode: Readonly<Record<string, number>> = {
  UNKNOWN_TOOL: 2,
  VALIDATION_FAILED: 2,
  UNAUTHENTICATED: 3,
  UNAVAILABLE: 6,
  CANCELED: 7,
  ENGINE_FAILED: 1,
  ENGINE_OVERRUN: 7,
  EMBEDDER_REFUSED: 1,
  QUERY_FAILED: 1,
  QUERY_TIMED_OUT: 7,
  QUERY_TOO_LARGE: 7,
};

const byStatus: Readonly<Record<number, number>> = {
  400: 2,
  401: 3,
  403: 3,
  404: 4,
  409: 5,
  413: 2,
  422: 2,
  429: 6,
  502: 6,
  503: 6,
  504: 7,
  507: 6,
};

/**
 * The exit code of a failure: 1 internal, 2 bad input, 3 not allowed, 4 not found, 5 conflict, 6 unavailable, 7 out of time
 * or canceled. It follows from the HTTP status, but for a few codes, so that codes of new capabilities need no row here.
 */
export function exitCode({ code, status }: Pick<TuttiError, 'code' | 'status'>): number {
  return byCode[code] ?? byStatus[status ?? 0] ?? 1;
}
