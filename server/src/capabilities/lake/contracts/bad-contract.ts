import { AppError } from '../../../core/errors.ts';

/** A contract that its schema lets through, but that asks for what cannot be. */
export function badContract(problem: string, details?: object): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    `The contract cannot be checked: ${problem}.`,
    'Correct the contract and give it again.',
    details,
  );
}
