import { z } from 'zod';
import { type Untrusted, untrusted } from '../../errors.ts';
import type { Cause } from '../../events/cause.ts';

/** An event on its way to one webhook. */
export interface Delivery {
  readonly seq: number;
  readonly id: string;
  readonly webhook_id: string;
  readonly event_id: string;
  readonly type: string;
  readonly subject: string;
  readonly toolset: string;
  readonly owner: string | null;
  /** Why the receiver does what it does about it. */
  readonly cause: Cause;
  readonly body: string;
  readonly state: string;
  /** Attempts of this round; a redelivery begins a new one. */
  readonly tries: number;
  readonly attempts: number;
  readonly due_at: Date;
  readonly created_at: Date;
  readonly ended_at: Date | null;
}

/** What one attempt to send came to. */
export interface Attempt {
  readonly ms: number;
  readonly status: number | null;
  /** Code and message of the error when no answer came. */
  readonly error: string | null;
  /** The beginning of the answer, without known secrets. */
  readonly response: string | null;
}

export type KeptAttempt = Attempt & { readonly n: number; readonly time: Date };
export type DeliveryWithAttempts = Omit<Delivery, 'body' | 'cause'> & { readonly kept: readonly KeptAttempt[] };

const untrustedSchema = z.looseObject({
  untrusted: z.literal(true).describe('Others wrote this text.'),
  source: z.string().describe('Who wrote it.'),
  text: z.string().describe('The text.'),
});

/** A delivery as every surface shows it. */
export const deliverySchema = z.looseObject({
  id: z.string().describe('Id of the delivery; receivers get it as webhook-id, the same with every attempt.'),
  webhook_id: z.string().describe('Id of the webhook.'),
  event_id: z.string().describe('Id of the event.'),
  type: z.string().describe('Type of the event.'),
  subject: z.string().describe('What the event is about.'),
  state: z
    .string()
    .describe('pending, delivered, failed, or withheld: its owner might not see the event any more. More may come.'),
  created_at: z.string().describe('When it was made, ISO 8601 UTC.'),
  ended_at: z.string().optional().describe('When it was delivered or given up.'),
  next_try_at: z.string().optional().describe('When it is sent next; absent when it has ended.'),
  attempts: z
    .array(
      z.looseObject({
        n: z.number().describe('Number of the attempt.'),
        time: z.string().describe('When it ended.'),
        ms: z.number().describe('How long it took, in milliseconds.'),
        status: z.number().optional().describe('HTTP status of the answer.'),
        error: z.string().optional().describe('Why there was no answer.'),
        response: untrustedSchema.optional().describe('The beginning of the answer.'),
      }),
    )
    .describe('The last ten attempts, oldest first.'),
});

export function toDelivery(row: DeliveryWithAttempts): z.input<typeof deliverySchema> {
  const { id, webhook_id, event_id, type, subject, state } = row;
  return {
    id,
    webhook_id,
    event_id,
    type,
    subject,
    state,
    created_at: row.created_at.toISOString(),
    ...(row.ended_at && { ended_at: row.ended_at.toISOString() }),
    ...(state === 'pending' && { next_try_at: row.due_at.toISOString() }),
    attempts: row.kept.map(({ n, time, ms, status, error, response }) => ({
      n,
      time: time.toISOString(),
      ms,
      ...(status !== null && { status }),
      ...(error !== null && { error }),
      ...(response !== null && { response: responseOf(webhook_id, response) }),
    })),
  };
}

function responseOf(webhookId: string, text: string): Untrusted & Record<string, unknown> {
  return { ...untrusted(`webhook:${webhookId}`, text) };
}
