import { z } from 'zod';
import { readableToolsets } from '../../../core/auth/principal.ts';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { deliverySchema, toDelivery } from '../../../core/webhooks/deliveries/delivery.ts';
import { listDeliveries as findDeliveries } from '../../../core/webhooks/deliveries/store.ts';

export const listDeliveries = (cursors: Cursors) =>
  tool({
    name: 'list_deliveries',
    title: 'List deliveries',
    description:
      'Tutti: lists what your webhooks sent or have yet to send, newest first, each with its last attempts and what the receiver answered. To send one again, use redeliver_webhook; for the webhooks themselves, list_webhooks.',
    toolset: 'system',
    effect: 'read',
    scope: 'system:read',
    input: {
      webhook_id: z.string().max(100).optional().describe('Only deliveries of this webhook.'),
      state: z
        .string()
        .max(100)
        .optional()
        .describe('Only deliveries in this state: pending, delivered, failed or withheld.'),
      type: z.string().max(100).optional().describe('Only deliveries of events of this type, such as job.updated.'),
      event_id: z.string().max(100).optional().describe('Only deliveries of this event.'),
      ...pageFields,
    },
    output: z.looseObject({
      items: z.array(deliverySchema).describe('The deliveries.'),
      next_page: nextPageField,
    }),
    async run({ page, page_size, ...filter }, { db, principal }) {
      const before = cursors.decode('list_deliveries', filter, page);
      const rows = await findDeliveries(db, {
        ...filter,
        toolsets: readableToolsets(principal),
        owner: principal.admin ? undefined : principal.id,
        before: before === undefined ? undefined : Number(before),
        limit: page_size + 1,
      });
      return pageOf(rows, page_size, toDelivery, (row) => cursors.encode('list_deliveries', filter, String(row.seq)));
    },
  });
