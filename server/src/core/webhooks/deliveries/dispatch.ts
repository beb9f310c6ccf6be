import type { Principal } from '../../auth/principal.ts';
import { type Db, inTransaction } from '../../db/database.ts';
import { causeOf } from '../../events/cause.ts';
import { type StoredEvent, toEvent } from '../../events/event.ts';
import { readEvents } from '../../events/store.ts';
import { newId } from '../../ids.ts';
import { actorOf, isFor } from '../actor.ts';
import { lockSending } from '../store.ts';
import { type Webhook, webhookSubject } from '../webhook.ts';
import { advancePosition, findPosition, insertDeliveries, type NewDelivery } from './store.ts';

const batch = 200;

/**
 * Turns events into deliveries and moves the position on, in one transaction: each event becomes each delivery once,
 * whoever dies. Answers whether to look again at once, or soon because an event waits for an older transaction.
 */
export async function dispatch(db: Db): Promise<'more' | 'pending' | 'done'> {
  const from = await findPosition(db);
  const { events, pending } = await readEvents(db, { after: from, limit: batch });
  const last = events.at(-1);
  if (!last) return pending ? 'pending' : 'done';
  await inTransaction(db, async (tx) => {
    if (!(await advancePosition(tx, from, last.position, last.time))) return;
    const deliveries: NewDelivery[] = [];
    const targets = await targetsOf(tx);
    for (const event of events) {
      for (const { webhook, actor } of targets) {
        const delivery = isFor(webhook, actor, event) ? deliveryOf(webhook, event) : undefined;
        if (delivery) deliveries.push(delivery);
      }
    }
    await insertDeliveries(tx, deliveries);
  });
  return events.length === batch ? 'more' : pending ? 'pending' : 'done';
}

async function targetsOf(tx: Db): Promise<{ webhook: Webhook; actor: Principal }[]> {
  const targets: { webhook: Webhook; actor: Principal }[] = [];
  for (const webhook of await lockSending(tx)) {
    const actor = await actorOf(tx, webhook);
    if (actor) targets.push({ webhook, actor });
  }
  return targets;
}

/** The delivery of an event; none when the webhook itself led to it, or the chain of causes is as long as it may be. */
function deliveryOf(webhook: Webhook, event: StoredEvent): NewDelivery | undefined {
  const cause = causeOf(event, webhookSubject(webhook.id));
  if (!cause) return undefined;
  const { type, time, data, ...rest } = toEvent(event);
  return {
    id: newId('dlv'),
    webhook_id: webhook.id,
    event_id: event.id,
    type,
    subject: event.subject,
    toolset: event.toolset,
    owner: event.owner ?? null,
    cause,
    // The first three are what Standard Webhooks expects of a payload.
    body: JSON.stringify({ type, timestamp: time, data, ...rest, time }),
  };
}
