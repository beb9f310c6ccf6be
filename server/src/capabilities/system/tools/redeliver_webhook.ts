import { z } from 'zod';
import { canSee, readableToolsets } from '../../../core/auth/principal.ts';
import { AppError } from '../../../core/errors.ts';
import { tool } from '../../../core/tool.ts';
import { findDelivery, redeliver, redeliverFailed } from '../../../core/webhooks/deliveries/store.ts';
import type { Webhook } from '../../../core/webhooks/webhook.ts';
import { visibleWebhook } from '../visible-webhook.ts';

export const redeliverWebhook = () =>
  tool({
    name: 'redeliver_webhook',
    title: 'Deliver again',
    description:
      'Tutti: sends one delivery again, whatever became of it, or all of a webhook that failed or were withheld since a time. Receivers get the same webhook-id, so that they can tell. list_deliveries has the ids.',
    toolset: 'system',
    effect: 'write',
    scope: 'system:write',
    input: {
      delivery_id: z.string().max(100).optional().describe('Id of one delivery.'),
      webhook_id: z.string().max(100).optional().describe('Instead of delivery_id: id of the webhook, with since.'),
      since: z.iso
        .datetime({ offset: true })
        .optional()
        .describe('With webhook_id: all that failed of what was made from this time on, ISO 8601.'),
    },
    output: z.looseObject({ redelivered: z.number().describe('How many are sent again.') }),
    async run({ delivery_id, webhook_id, since }, { db, principal }) {
      if (delivery_id !== undefined && webhook_id === undefined && since === undefined) {
        const delivery = await findDelivery(db, delivery_id);
        const { toolset = '', owner = null } = delivery ?? {};
        if (!delivery || !canSee(principal, { toolset, ...(owner !== null && { owner }) })) throw noDelivery();
        requireEnabled(await visibleWebhook(db, principal, delivery.webhook_id));
        await redeliver(db, delivery.id);
        return { redelivered: 1 };
      }
      if (delivery_id !== undefined || webhook_id === undefined || since === undefined) throw unclear();
      requireEnabled(await visibleWebhook(db, principal, webhook_id));
      const sight = { toolsets: readableToolsets(principal), owner: principal.admin ? undefined : principal.id };
      return { redelivered: await redeliverFailed(db, webhook_id, new Date(since), sight) };
    },
  });

function requireEnabled(webhook: Webhook): void {
  if (webhook.enabled) return;
  throw new AppError(
    'CONFLICT',
    'The webhook is switched off.',
    'Switch it on with put_webhook and enabled true first.',
    {
      webhook_id: webhook.id,
    },
  );
}

function noDelivery(): AppError {
  return new AppError(
    'NOT_FOUND',
    'There is no such delivery, or it is not yours.',
    'List your deliveries with list_deliveries.',
  );
}

function unclear(): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    'The input of redeliver_webhook is not valid.',
    'Give delivery_id alone, or webhook_id with since.',
    { issues: [{ path: 'delivery_id', message: 'alone, or webhook_id with since' }] },
  );
}
