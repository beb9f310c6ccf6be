import type { Principal } from '../auth/principal.ts';
import { AppError } from '../errors.ts';

/** Throws FORBIDDEN where the principal of a job may no longer do what the job does. */
export function requireScope(principal: Principal, scope: string): void {
  if (principal.scopes.has(scope)) return;
  throw new AppError(
    'FORBIDDEN',
    `The principal that started this job no longer has the scope ${scope}.`,
    'Start the job again with a token that has it.',
    { required_scope: scope },
  );
}
