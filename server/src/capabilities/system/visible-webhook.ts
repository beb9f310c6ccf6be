import { canSee, type Principal } from '../../core/auth/principal.ts';
import type { Db } from '../../core/db/database.ts';
import { AppError } from '../../core/errors.ts';
import { actorOf } from '../../core/webhooks/actor.ts';
import { lockWebhook } from '../../core/webhooks/store.ts';
import { type PublicWebhook, toWebhook, type Webhook } from '../../core/webhooks/webhook.ts';
import type { Webhooks } from '../../core/webhooks/webhooks.ts';

/** The webhook, locked for a change, if the principal may see it. One that it may not see reads like one that does not exist. */
export async function visibleWebhook(tx: Db, principal: Principal, id: string): Promise<Webhook> {
  const row = await lockWebhook(tx, id);
  if (row && canSee(principal, { toolset: 'system', owner: row.principal_id })) return row;
  throw new AppError(
    'NOT_FOUND',
    'There is no such webhook, or it is not yours.',
    'List your webhooks with list_webhooks.',
    { webhook_id: id },
  );
}

/** The webhook as its tools answer it: with what receivers and senders need to know. */
export async function shownWebhook(db: Db, webhooks: Webhooks, row: Webhook): Promise<PublicWebhook> {
  const paused = (await actorOf(db, row)) === undefined;
  return {
    ...toWebhook(row),
    ...(paused && { paused }),
    ...(row.direction === 'out' ? { public_keys: webhooks.publicKeys() } : { address: webhooks.address(row.id) }),
  };
}
