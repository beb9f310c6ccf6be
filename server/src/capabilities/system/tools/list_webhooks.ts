import { z } from 'zod';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { listWebhooks as findWebhooks } from '../../../core/webhooks/store.ts';
import { webhookSchema } from '../../../core/webhooks/webhook.ts';
import type { Webhooks } from '../../../core/webhooks/webhooks.ts';
import { shownWebhook } from '../visible-webhook.ts';

export const listWebhooks = (webhooks: Webhooks, cursors: Cursors) =>
  tool({
    name: 'list_webhooks',
    title: 'List webhooks',
    description:
      'Tutti: lists your webhooks, newest first, with the address or the public keys that the other side needs; administrators see all. For what became of single events, use list_deliveries.',
    toolset: 'system',
    effect: 'read',
    scope: 'system:read',
    input: {
      direction: z.enum(['out', 'in']).optional().describe('Only those that send (out) or that receive (in).'),
      ...pageFields,
    },
    output: z.looseObject({
      items: z.array(webhookSchema).describe('The webhooks.'),
      next_page: nextPageField,
    }),
    async run({ page, page_size, ...filter }, { db, principal }) {
      const rows = await findWebhooks(db, {
        ...filter,
        owner: principal.admin ? undefined : principal.id,
        before: cursors.decode('list_webhooks', filter, page),
        limit: page_size + 1,
      });
      const { items, ...rest } = pageOf(
        rows,
        page_size,
        (row) => row,
        (row) => cursors.encode('list_webhooks', filter, row.id),
      );
      return { items: await Promise.all(items.map((row) => shownWebhook(db, webhooks, row))), ...rest };
    },
  });
