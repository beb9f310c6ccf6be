import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import type { TimeWindow } from '../client/windows.ts';

const form = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

const time = z
  .string()
  .max(40)
  .refine((text) => form.test(text) && !Number.isNaN(inUtc(text)), 'must be ISO 8601, such as 2025-04-01T00:00:00Z')
  .optional();

/** The two ends of a span of time, as the seed has them. */
export const timeFields = {
  time_from: time.describe('Not before this: 2025-04-01T00:00:00Z. By default 7 days before time_to.'),
  time_to: time.describe('Not after this. By default now.'),
};

/** The span that is meant, in milliseconds. Throws `VALIDATION_FAILED` where it ends before it begins. */
export function windowOf(input: { readonly time_from?: string | undefined; readonly time_to?: string | undefined }) {
  const from = input.time_from === undefined ? undefined : inUtc(input.time_from);
  const to = input.time_to === undefined ? undefined : inUtc(input.time_to);
  if (from !== undefined && to !== undefined && from > to) {
    throw new AppError('VALIDATION_FAILED', 'time_from is after time_to.', 'Exchange the two.');
  }
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) } satisfies Partial<TimeWindow>;
}

/** A time without a zone is in UTC, as Orchestra's are. */
function inUtc(text: string): number {
  return Date.parse(/T/.test(text) && !/(Z|[+-]\d{2}:?\d{2})$/.test(text) ? `${text}Z` : text);
}
