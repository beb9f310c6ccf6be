import { loadPrincipal } from '../../../core/auth/tokens.ts';
import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import type { PolicyRow } from './store.ts';

/** What a policy must be allowed to do. */
const scope = 'lake:write';

/** Why a policy may do nothing now: whoever put it last could not do it either. Undefined while it may. */
export async function pausedBecause(db: Db, policy: PolicyRow): Promise<string | undefined> {
  try {
    const principal = await loadPrincipal(db, policy.principal_id, policy.authority);
    if (!principal) return 'the principal that put it is gone';
    return principal.scopes.has(scope) ? undefined : `the principal that put it lacks ${scope}`;
  } catch (error) {
    if (error instanceof AppError && error.code === 'FORBIDDEN') return 'the token that put it was revoked';
    throw error;
  }
}
