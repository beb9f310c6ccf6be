import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';

const word = /^[A-Za-z_]{1,40}$/;

/** Statuses to narrow a list to: one, several with commas between them, or a list. Unknown ones are Orchestra's to refuse. */
export const statusField = z.union([z.string().max(400), z.array(z.string().max(40)).max(20)]).optional();

/** The statuses that are meant, as the API writes them. Throws `VALIDATION_FAILED` for what is no status. */
export function statusesOf(given: string | readonly string[] | undefined): string[] | undefined {
  const words = (typeof given === 'string' ? given.split(',') : (given ?? [])).map((text) => text.trim());
  const wanted = words.filter((text) => text !== '');
  if (wanted.every((text) => word.test(text))) {
    return wanted.length === 0 ? undefined : wanted.map((text) => text.toUpperCase());
  }
  throw new AppError(
    'VALIDATION_FAILED',
    'status_filter holds what is no status.',
    'Give statuses such as FAILED,WARNING.',
  );
}
