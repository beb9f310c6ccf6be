import type { Egress } from '../../egress.ts';
import { AppError, envelope, untrusted } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { Secrets } from '../../secrets.ts';
import { version } from '../../version.ts';
import type { WebhookKey } from '../key.ts';
import { retryAfter } from '../schedule.ts';
import { secretUse } from '../secret-use.ts';
import { hmac, signedContent } from '../sign.ts';
import type { Webhook } from '../webhook.ts';
import type { Attempt, Delivery } from './delivery.ts';

export interface SendNeeds {
  readonly egress: () => Promise<Egress>;
  readonly key: WebhookKey;
  readonly secrets: Secrets;
  readonly log: Logger;
}

/** What came back, and after how many seconds the receiver wants to be asked again. */
export type Sent = Attempt & { readonly retryAfterS: number };

const excerpt = 500;

/** Sends a delivery once, signed by the rules of Standard Webhooks. Never throws: a failure is an outcome. */
export async function send(needs: SendNeeds, webhook: Webhook, delivery: Delivery, signal: AbortSignal): Promise<Sent> {
  const started = performance.now();
  const ms = () => Math.round(performance.now() - started);
  try {
    const egress = await needs.egress();
    const headers = await headersOf(needs, webhook, delivery);
    const request = { method: 'POST', headers, body: delivery.body, signal };
    const answer = await egress(webhook.url ?? '', request);
    const response = untrusted(webhook.id, printable(answer.body), excerpt).text;
    const retryAfterS = retryAfter(answer.headers.get('retry-after'), Date.now());
    return { ms: ms(), status: answer.status, error: null, response, retryAfterS };
  } catch (error) {
    if (!(error instanceof AppError)) needs.log.error({ error, delivery: delivery.id }, 'a delivery was not sent');
    const { code, message } = envelope(error).error;
    return { ms: ms(), status: null, error: `${code}: ${message}`, response: null, retryAfterS: 0 };
  }
}

async function headersOf(
  { key, secrets }: SendNeeds,
  webhook: Webhook,
  delivery: Delivery,
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const content = signedContent(delivery.id, timestamp, delivery.body);
  const signatures = key.sign(content).map((signature) => `v1a,${signature}`);
  if (webhook.secret !== null) {
    const secret = await secrets.resolveSecret(webhook.secret, secretUse(webhook.url));
    signatures.push(`v1,${hmac(secret, content).toString('base64')}`);
  }
  return {
    'content-type': 'application/json',
    'user-agent': `Tutti/${version}`,
    'webhook-id': delivery.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
    'tutti-cause': JSON.stringify(delivery.cause),
  };
}

/** The text of an answer as far as it can be kept. */
function printable(body: Buffer): string {
  return body.toString('utf8').replaceAll('\0', '\u{fffd}');
}
