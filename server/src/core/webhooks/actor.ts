import { canSee, type Principal } from '../auth/principal.ts';
import { loadPrincipal } from '../auth/tokens.ts';
import type { Db } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { StoredEvent } from '../events/event.ts';
import { type Webhook, webhookSubject } from './webhook.ts';

/**
 * As whom a webhook acts: what the call that put it last could do, as far as that still holds. Undefined while its owner
 * might not put it now: then it is paused.
 */
export async function actorOf(db: Db, webhook: Webhook): Promise<Principal | undefined> {
  const principal = await loadPrincipal(db, webhook.principal_id, webhook.authority).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'FORBIDDEN') return undefined;
    throw error;
  });
  return principal?.scopes.has('system:write') ? principal : undefined;
}

/** Whether an event is for a webhook that acts as this principal. News of itself never are. */
export function isFor(webhook: Webhook, actor: Principal, event: StoredEvent): boolean {
  if (event.subject === webhookSubject(webhook.id) || event.time < webhook.enabled_at) return false;
  if (webhook.types && !webhook.types.includes(event.type)) return false;
  if (webhook.dataset_id !== null && webhook.dataset_id !== event.datasetId) return false;
  return canSee(actor, event);
}
