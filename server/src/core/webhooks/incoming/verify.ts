import { createHmac, timingSafeEqual } from 'node:crypto';
import { sha256 } from '../../canonical.ts';
import { hmac, signedContent } from '../sign.ts';
import type { Scheme } from '../webhook.ts';

/** A request to an address of a webhook, before anybody believes it. */
export interface Incoming {
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
}

const toleranceS = 300;
/** A header names few signatures: one a key while a rotation lasts. */
const maxSignatures = 20;

/** Whether the sender of a request knows the secret. Takes equally long for any wrong proof of the same form. */
export function isGenuine(scheme: Scheme, secret: string, request: Incoming, nowMs: number): boolean {
  return checks[scheme](secret, request, nowMs);
}

const checks: Readonly<Record<Scheme, (secret: string, request: Incoming, nowMs: number) => boolean>> = {
  /** https://www.standardwebhooks.com: `v1` signatures, made at most five minutes ago or ahead. */
  standard(secret, { header, body }, nowMs) {
    const id = header('webhook-id') ?? '';
    const timestamp = header('webhook-timestamp') ?? '';
    // A dot in the id would let its end and the timestamp change places.
    if (!/^[^.\s]{1,200}$/.test(id) || !/^\d{1,11}$/.test(timestamp)) return false;
    if (Math.abs(nowMs / 1000 - Number(timestamp)) > toleranceS) return false;
    const expected = hmac(secret, signedContent(id, timestamp, body));
    return signatures(header('webhook-signature') ?? '').some((given) => sameBytes(given, expected));
  },
  /** https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries */
  github(secret, { header, body }) {
    const [, given = ''] = /^sha256=([0-9a-f]{64})$/.exec(header('x-hub-signature-256') ?? '') ?? [];
    return sameBytes(Buffer.from(given, 'hex'), createHmac('sha256', secret).update(body).digest());
  },
  bearer: (secret, { header }) => sameText(/^Bearer +(\S+)$/i.exec(header('authorization') ?? '')?.[1] ?? '', secret),
  /** The secret is `<user>:<password>`. */
  basic(secret, { header }) {
    const [, given = ''] = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header('authorization') ?? '') ?? [];
    return sameText(Buffer.from(given, 'base64').toString(), secret);
  },
};

/** By what a repeated message is known, and for how many seconds. */
export function messageOf(scheme: Scheme, { header, body }: Incoming): { key: string; withinS: number } {
  const id =
    scheme === 'standard' ? header('webhook-id') : scheme === 'github' ? header('x-github-delivery') : undefined;
  if (id !== undefined) return { key: sha256(`id ${id}`), withinS: 3 * 86_400 };
  return { key: sha256(`body ${sha256(body.toString('latin1'))}`), withinS: toleranceS };
}

function signatures(header: string): Buffer[] {
  const given = header.split(' ').slice(0, maxSignatures);
  return given.flatMap((one) => (one.startsWith('v1,') ? [Buffer.from(one.slice(3), 'base64')] : []));
}

function sameBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Compares hashes, so that not even the length of the secret shows. */
function sameText(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(a)), Buffer.from(sha256(b)));
}
