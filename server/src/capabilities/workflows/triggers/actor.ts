import type { Principal } from '../../../core/auth/principal.ts';
import { loadPrincipal } from '../../../core/auth/tokens.ts';
import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import type { Trigger } from './store.ts';

/** What a trigger must be allowed to do. */
const scope = 'workflows:write';

/** As whom a trigger acts: what whoever put it could do, as far as that holds now; or why it may do nothing. */
export async function actorOf(
  db: Db,
  { principal_id, authority }: Pick<Trigger, 'principal_id' | 'authority'>,
): Promise<{ readonly actor: Principal } | { readonly paused: string }> {
  try {
    const actor = await loadPrincipal(db, principal_id, authority);
    if (!actor) return { paused: 'The principal that put the workflow is gone; put it again.' };
    return actor.scopes.has(scope) ? { actor } : { paused: `The principal that put the workflow lacks ${scope}.` };
  } catch (error) {
    if (error instanceof AppError && error.code === 'FORBIDDEN') {
      return { paused: 'The token that put the workflow was revoked; put it again with one that holds.' };
    }
    throw error;
  }
}

/** Why triggers start nothing now; undefined while they do. */
export async function pausedBecause(db: Db, trigger: Trigger): Promise<string | undefined> {
  const found = await actorOf(db, trigger);
  return 'paused' in found ? found.paused : undefined;
}
