import { canSee } from '../../../core/auth/principal.ts';
import { type Db, inTransaction } from '../../../core/db/database.ts';
import { causeOf } from '../../../core/events/cause.ts';
import { type StoredEvent, toEvent } from '../../../core/events/event.ts';
import { readEvents } from '../../../core/events/store.ts';
import { triggerName } from '../runs/cause.ts';
import { actorOf } from './actor.ts';
import { inputOf, type Occasion, passes, take } from './occasion.ts';
import { hasStarted, listListening, type Trigger, triggerPosition } from './store.ts';
import type { TriggerNeeds } from './triggers.ts';

const batch = 200;
const webhookEvent = 'webhook.received';

/**
 * Starts the runs that events lead to and moves the position on, in one transaction: each event starts a run of each trigger
 * once, whoever dies. Answers whether to look again at once, or soon because an event waits for an older transaction.
 */
export async function runEvents(needs: TriggerNeeds): Promise<'more' | 'pending' | 'done'> {
  const { db, start } = needs;
  const from = await triggerPosition.find(db);
  const { events, pending } = await readEvents(db, { after: from, limit: batch });
  const last = events.at(-1);
  if (!last) return pending ? 'pending' : 'done';
  const triggers = await listListening(db);
  const occasions: Occasion[] = [];
  for (const event of events) {
    for (const trigger of triggers) {
      const occasion = isAbout(trigger, event) ? await occasionOf(trigger, event, needs) : undefined;
      if (occasion) occasions.push(occasion);
    }
  }
  await inTransaction(db, async (tx) => {
    if (!(await triggerPosition.advance(tx, from, last.position, last.time))) return;
    for (const occasion of occasions) if (await isNew(tx, occasion)) await take(tx, occasion, start);
  });
  return events.length === batch ? 'more' : pending ? 'pending' : 'done';
}

/** After a restore events are looked at again. And whoever put or deleted the workflow meanwhile may have ended the trigger. */
async function isNew(tx: Db, { trigger, started }: Occasion): Promise<boolean> {
  const still = await listListening(tx);
  return still.some(({ id }) => id === trigger.id) && !(await hasStarted(tx, trigger.id, String(started.event_id)));
}

function isAbout({ spec, enabled_at }: Trigger, event: StoredEvent): boolean {
  if (event.time < enabled_at) return false;
  if (spec.event) return spec.event.type === event.type;
  return spec.webhook !== undefined && event.type === webhookEvent && event.data.webhook_id === spec.webhook.source;
}

/** What an event means for a trigger: nothing, where it may not see it, or led to it itself. */
async function occasionOf(
  trigger: Trigger,
  event: StoredEvent,
  { db, evaluator }: TriggerNeeds,
): Promise<Occasion | undefined> {
  const found = await actorOf(db, trigger);
  if (!('actor' in found) || !canSee(found.actor, event)) return undefined;
  const cause = causeOf(event, triggerName(trigger.workflow));
  if (!cause) return undefined;
  const { spec } = trigger;
  const told = spec.webhook ? messageOf(event) : toEvent(event);
  const started = { kind: trigger.kind, id: trigger.id, event_id: event.id } as const;
  const occasion = { trigger, at: event.time, started, cause };
  if (spec.event?.filter !== undefined) {
    const passed = await passes(spec.event.filter, told, event.id, evaluator);
    if (passed === false) return undefined;
    if (passed !== true) return { ...occasion, input: { problem: passed } };
  }
  return { ...occasion, input: await inputOf(trigger, told, event.id, evaluator) };
}

/** What came to a webhook: its body parsed where it is JSON. All of it was written by somebody outside. */
function messageOf({ data, time }: StoredEvent): Readonly<Record<string, unknown>> {
  const { webhook_id, name, headers, content_type, body } = data;
  return { webhook_id, name, received_at: time.toISOString(), headers, content_type, body: parsed(textOf(body)) };
}

function textOf(body: unknown): string {
  return typeof body === 'object' && body !== null && 'text' in body ? String(body.text) : '';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
