import { randomBytes } from 'node:crypto';
import { type Db, inTransaction } from '../../db/database.ts';
import { AppError, untrusted } from '../../errors.ts';
import { appendEvent } from '../../events/store.ts';
import type { Logger } from '../../log.ts';
import type { Secrets } from '../../secrets.ts';
import { isStorable } from '../../storable.ts';
import { actorOf } from '../actor.ts';
import { secretUse } from '../secret-use.ts';
import { findWebhook, holdWebhook, takeReceipt } from '../store.ts';
import { type Webhook, webhookSubject } from '../webhook.ts';
import { causeFrom } from './cause.ts';
import { type Incoming, isGenuine, messageOf } from './verify.ts';

export interface ReceiveNeeds {
  readonly db: Db;
  readonly secrets: Secrets;
  readonly log: Logger;
}

/**
 * Takes a message to a webhook and answers whether it came before; the event of it has committed then. Throws
 * WEBHOOK_REFUSED for whoever does not prove itself, in the same words whether there is such a webhook or not, and
 * BAD_REQUEST for a genuine message that is no text.
 */
export type Receive = (webhookId: string, request: Incoming) => Promise<{ duplicate: boolean }>;

/** Headers that are kept of a message. All others may hold what proves the sender. */
const keptHeaders = [
  'user-agent',
  'webhook-id',
  'webhook-timestamp',
  'x-github-delivery',
  'x-github-event',
  'x-gitlab-event',
  'x-event-key',
];

export function createReceiver({ db, secrets, log }: ReceiveNeeds): Receive {
  return async (webhookId, request) => {
    const webhook = isStorable(webhookId) ? await findWebhook(db, webhookId) : undefined;
    const known = webhook?.direction === 'in' && webhook.enabled ? webhook : undefined;
    const secret = await secretOf(known);
    const genuine = isGenuine(known?.verify ?? 'standard', secret, request, Date.now());
    if (!known?.verify || !genuine || !(await actorOf(db, known))) throw refused();
    const text = request.body.toString('utf8');
    if (!isStorable(text) || !Buffer.from(text).equals(request.body)) throw noText();
    const { key, withinS } = messageOf(known.verify, request);
    return inTransaction(db, async (tx) => {
      if (!(await holdWebhook(tx, known.id))) throw refused();
      if (!(await takeReceipt(tx, known.id, key, withinS))) return { duplicate: true };
      await appendReceived(tx, known, request, text);
      return { duplicate: false };
    });
  };

  /** The value to compare with; a random one where there is none, for that nobody knows. */
  async function secretOf(webhook: Webhook | undefined): Promise<string> {
    const nobodys = randomBytes(32).toString('base64');
    return secrets.resolveSecret(webhook?.secret ?? '-', secretUse(null)).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      if (webhook) log.warn({ webhook: webhook.id, code: error.code }, 'the secret of a webhook cannot be used');
      return nobodys;
    });
  }
}

async function appendReceived(tx: Db, webhook: Webhook, { header }: Incoming, text: string): Promise<void> {
  const source = `webhook:${webhook.id}`;
  const headers = keptHeaders.flatMap((name) => {
    const value = header(name);
    return value === undefined ? [] : [[name, untrusted(source, value, 200).text]];
  });
  const cause = causeFrom(header('tutti-cause'));
  await appendEvent(tx, {
    type: 'webhook.received',
    subject: webhookSubject(webhook.id),
    toolset: 'system',
    owner: webhook.principal_id,
    data: {
      webhook_id: webhook.id,
      name: webhook.name,
      headers: Object.fromEntries(headers),
      content_type: header('content-type')?.slice(0, 200) ?? null,
      body: untrusted(source, text, Number.POSITIVE_INFINITY),
    },
    ...(cause && { cause }),
  });
}

function refused(): AppError {
  return new AppError(
    'WEBHOOK_REFUSED',
    'There is no such webhook, or the request does not prove that it may be sent to it.',
    'Check the address, the secret and the clock of the sender; put_webhook says how it must prove itself.',
  );
}

function noText(): AppError {
  return new AppError('BAD_REQUEST', 'The body is no text.', 'Send UTF-8 without NUL, such as JSON.');
}
