import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { deleteWebhook as removeWebhook } from '../../../core/webhooks/store.ts';
import { visibleWebhook } from '../visible-webhook.ts';

export const deleteWebhook = () =>
  tool({
    name: 'delete_webhook',
    title: 'Delete a webhook',
    description:
      'Tutti: removes a webhook with the record of its deliveries; what was not sent yet is not sent any more. To stop one for a while, use put_webhook with enabled false.',
    toolset: 'system',
    effect: 'destroy',
    scope: 'system:destroy',
    input: { webhook_id: z.string().max(100).describe('Id of the webhook.') },
    output: z.looseObject({ deleted: z.boolean().describe('Always true: one that does not exist is NOT_FOUND.') }),
    async run({ webhook_id }, { db, principal }) {
      await removeWebhook(db, await visibleWebhook(db, principal, webhook_id));
      return { deleted: true };
    },
  });
