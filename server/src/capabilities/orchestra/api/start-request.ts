import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';

/**
 * The body of a start. The API forbids other fields, so that `cause` has no place in it, and knows no idempotency key.
 * `taskIds` or `retryFromFailed` without `continueDownstreamRun` leave what comes after them skipped.
 */
export const startRequest = z
  .strictObject({
    versionNumber: z.int(),
    branch: z.string().max(1000),
    commit: z.string().max(1000),
    taskIds: z.array(z.string().max(1000)).max(1000),
    continueDownstreamRun: z.boolean(),
    runInputs: z.record(z.string(), z.unknown()),
    ciRunId: z.string().max(1000),
    environment: z.string().max(1000),
    retryFromFailed: z.boolean(),
  })
  .partial();
export type StartRequest = z.input<typeof startRequest>;

/** The body, checked before it is sent. Throws `VALIDATION_FAILED` with what is wrong. */
export function checkedStart(request: unknown): StartRequest {
  const read = startRequest.safeParse(request);
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, code }) => ({ path: path.join('.'), problem: code }));
  throw new AppError('VALIDATION_FAILED', 'A run cannot be started with this.', 'Correct what details name.', {
    problems,
  });
}
