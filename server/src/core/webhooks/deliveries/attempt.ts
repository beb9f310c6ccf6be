import { canSee } from '../../auth/principal.ts';
import { type Db, inTransaction } from '../../db/database.ts';
import { setCause } from '../../events/store.ts';
import { actorOf } from '../actor.ts';
import { waitAfter } from '../schedule.ts';
import { disableWebhook, findWebhook, markFailing } from '../store.ts';
import type { Webhook } from '../webhook.ts';
import type { Delivery } from './delivery.ts';
import { type SendNeeds, type Sent, send } from './send.ts';
import { findDue, recordAttempt, withhold } from './store.ts';

export interface AttemptNeeds extends SendNeeds {
  readonly db: Db;
  /** Seconds between the tries of a delivery. */
  readonly retryS: readonly number[];
  readonly disableAfterDays: number;
}

/** How long what was looked up of a webhook and its owner counts: a change counts that late at most. */
const freshMs = 1000;
const batch = 20;

/**
 * Sends what is due for a webhook, one after the other, and writes down what came of each; false when nothing is due.
 * Looks its webhook and owner up anew after a second, or when something did not succeed.
 */
export async function attemptDue(needs: AttemptNeeds, webhookId: string, signal: AbortSignal): Promise<boolean> {
  const { db } = needs;
  const until = performance.now() + freshMs;
  const webhook = await findWebhook(db, webhookId);
  const deliveries = webhook?.enabled ? await findDue(db, webhookId, batch) : [];
  if (!webhook || deliveries.length === 0) return false;
  const actor = await actorOf(db, webhook);
  for (const delivery of deliveries) {
    const { toolset, owner } = delivery;
    if (!actor || !canSee(actor, { toolset, ...(owner !== null && { owner }) })) {
      await withhold(db, delivery.id);
      continue;
    }
    const sent = await send(needs, webhook, delivery, signal);
    // What was cut off by our own end is tried again by whoever comes next, with the same id.
    if (signal.aborted && sent.status === null) return false;
    const delivered = await record(needs, webhook, delivery, sent);
    if (!delivered || performance.now() > until) break;
  }
  return true;
}

async function record(needs: AttemptNeeds, webhook: Webhook, delivery: Delivery, sent: Sent): Promise<boolean> {
  const { db, retryS } = needs;
  const delivered = sent.status !== null && sent.status >= 200 && sent.status < 300;
  if (delivered) {
    await recordAttempt(db, delivery.id, sent, 'delivered');
    if (webhook.failing_since) await markFailing(db, webhook.id, false);
    return true;
  }
  const gone = sent.status === 410;
  const waitS = gone ? undefined : waitAfter(delivery.tries + 1, retryS, sent.retryAfterS);
  await inTransaction(db, async (tx) => {
    await setCause(tx, delivery.cause);
    // The webhook before its deliveries, as its tools lock them.
    const since = await markFailing(tx, webhook.id, true);
    await recordAttempt(tx, delivery.id, sent, waitS === undefined ? 'failed' : 'pending', waitS);
    const days = since ? (Date.now() - since.getTime()) / 86_400_000 : 0;
    if (gone) await disableWebhook(tx, webhook.id, 'gone');
    else if (days >= needs.disableAfterDays) await disableWebhook(tx, webhook.id, 'failing');
  });
  return false;
}
