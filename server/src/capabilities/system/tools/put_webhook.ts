import { z } from 'zod';
import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import { newId } from '../../../core/ids.ts';
import { secretName } from '../../../core/secrets.ts';
import { type ToolContext, tool } from '../../../core/tool.ts';
import { skipToNow } from '../../../core/webhooks/deliveries/store.ts';
import { countWebhooks, type NewWebhook, saveWebhook } from '../../../core/webhooks/store.ts';
import { urlProblem } from '../../../core/webhooks/url.ts';
import { schemes, type Webhook, webhookSchema } from '../../../core/webhooks/webhook.ts';
import type { Webhooks } from '../../../core/webhooks/webhooks.ts';
import { shownWebhook, visibleWebhook } from '../visible-webhook.ts';

const maxWebhooks = 100;

const input = {
  webhook_id: z.string().max(100).optional().describe('Id of the webhook to change; leave it out to make a new one.'),
  name: z.string().min(1).max(200).optional().describe('Its name. Needed for a new one.'),
  direction: z
    .enum(['out', 'in'])
    .optional()
    .describe('out (default): send events to url. in: take messages from others at an address of this server.'),
  url: z.string().max(2000).optional().describe('With out: http(s) URL that events are sent to. Needed for a new one.'),
  types: z
    .array(z.string().min(1).max(100))
    .max(50)
    .optional()
    .describe('With out: only events of these types, such as job.updated; empty: of all.'),
  dataset_id: z
    .string()
    .min(1)
    .max(100)
    .nullable()
    .optional()
    .describe('With out: only events of this dataset and of the jobs on it; null: of all.'),
  enabled: z.boolean().optional().describe('Whether it is switched on; true for a new one.'),
  verify: z
    .enum(schemes)
    .optional()
    .describe(
      'With in: how senders prove themselves. standard: signed by Standard Webhooks. github: X-Hub-Signature-256. bearer, basic: the secret itself, as token or as user:password.',
    ),
  secret: z
    .string()
    .refine((text) => secretName(text) !== undefined, 'must be secret:<name>, never a value')
    .nullable()
    .optional()
    .describe('secret:<name>. With out: also sign by HMAC (v1) with it; null: no more. With in: needed.'),
};
type Input = z.output<z.ZodObject<typeof input>>;

export const putWebhook = (webhooks: Webhooks) =>
  tool({
    name: 'put_webhook',
    title: 'Put a webhook',
    description:
      'Tutti: makes a webhook or changes the one of webhook_id; what is left out stays. An outgoing one sends events as they happen to a URL, signed by Standard Webhooks, and acts as you: it sends what you may see. An incoming one gives an address for others to POST to, and each message becomes an event webhook.received. To read events yourself, poll_events is simpler.',
    toolset: 'system',
    effect: 'write',
    scope: 'system:write',
    input,
    output: webhookSchema,
    async run(wanted, context) {
      const { db, principal } = context;
      const before =
        wanted.webhook_id === undefined ? undefined : await visibleWebhook(db, principal, wanted.webhook_id);
      const webhook = merged(before, wanted, context);
      if (before?.principal_id !== principal.id) await requireRoom(db, principal.id);
      if (webhook.secret !== null && (wanted.secret || wanted.url !== undefined)) {
        await webhooks.requireSecret(webhook.secret, webhook.url);
      }
      const restart = webhook.enabled && !before?.enabled;
      if (restart && webhook.direction === 'out') await skipToNow(db);
      return shownWebhook(db, webhooks, await saveWebhook(db, webhook, restart));
    },
  });

/** What the webhook is from now on. Throws VALIDATION_FAILED where that makes no sense. */
function merged(before: Webhook | undefined, wanted: Input, { principal, authority }: ToolContext): NewWebhook {
  const direction = wanted.direction ?? before?.direction ?? 'out';
  const name = wanted.name ?? before?.name;
  const url = wanted.url ?? before?.url ?? null;
  const verify = wanted.verify ?? before?.verify ?? null;
  const secret = wanted.secret === undefined ? (before?.secret ?? null) : wanted.secret && secretName(wanted.secret);
  const out = direction === 'out';
  if (before && direction !== before.direction) throw invalid('direction', 'stays what it was: make another webhook');
  if (name === undefined) throw invalid('name', 'is needed for a new webhook');
  if (out && url === null) throw invalid('url', 'is needed to send');
  if (out && verify !== null) throw invalid('verify', 'is only for direction in');
  if (!out && verify === null) throw invalid('verify', 'is needed to know senders by');
  if (!out && !secret) throw invalid('secret', 'is needed to know senders by');
  for (const field of ['url', 'types', 'dataset_id'] as const) {
    if (!out && wanted[field] !== undefined) throw invalid(field, 'is only for direction out');
  }
  const problem = wanted.url === undefined ? undefined : urlProblem(wanted.url);
  if (problem !== undefined) throw invalid('url', problem);
  const types = wanted.types === undefined ? (before?.types ?? null) : wanted.types.length > 0 ? wanted.types : null;
  const enabled = wanted.enabled ?? before?.enabled ?? true;
  const { principalId: _, ...acting } = authority;
  return {
    id: before?.id ?? newId('wh'),
    name,
    direction,
    principal_id: principal.id,
    authority: acting,
    url,
    types,
    dataset_id: wanted.dataset_id === undefined ? (before?.dataset_id ?? null) : wanted.dataset_id,
    verify,
    secret: secret ?? null,
    enabled,
    disabled_reason: enabled ? null : (before?.disabled_reason ?? null),
  };
}

async function requireRoom(tx: Db, principalId: string): Promise<void> {
  if ((await countWebhooks(tx, principalId)) < maxWebhooks) return;
  throw new AppError('CONFLICT', `You have ${maxWebhooks} webhooks already.`, 'Remove one with delete_webhook first.');
}

function invalid(field: string, message: string): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    'The input of put_webhook is not valid.',
    'Correct the fields in details.issues; list_webhooks shows what a webhook is now.',
    { issues: [{ path: field, message }] },
  );
}
