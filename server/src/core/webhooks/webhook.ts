import { z } from 'zod';
import type { Authority } from '../auth/authority.ts';

export const schemes = ['standard', 'github', 'bearer', 'basic'] as const;
/** How a sender shows that it is the one. */
export type Scheme = (typeof schemes)[number];

/** A webhook as it is kept. The secret is a name, never a value. */
export interface Webhook {
  readonly id: string;
  readonly name: string;
  readonly direction: string;
  readonly principal_id: string;
  readonly authority: Omit<Authority, 'principalId'>;
  readonly url: string | null;
  readonly types: readonly string[] | null;
  readonly dataset_id: string | null;
  readonly verify: Scheme | null;
  readonly secret: string | null;
  readonly enabled: boolean;
  readonly disabled_reason: string | null;
  /** Events before it are not delivered. */
  readonly enabled_at: Date;
  readonly failing_since: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export const webhookSubject = (id: string) => `webhook:${id}`;

/** A webhook as every surface shows it. */
export const webhookSchema = z.looseObject({
  id: z.string().describe('Id of the webhook.'),
  name: z.string().describe('Its name.'),
  direction: z.string().describe('out: events are sent to its url. in: others send to its address.'),
  owner: z.string().describe('Id of the principal as whom it acts: whoever put it last.'),
  enabled: z.boolean().describe('Whether it is switched on.'),
  disabled_reason: z.string().optional().describe('Why the server switched it off: gone, or failing for days.'),
  paused: z.boolean().optional().describe('Its owner may have no webhooks any more, so it does nothing.'),
  url: z.string().optional().describe('Where events are sent to.'),
  types: z.array(z.string()).optional().describe('The types of events that are sent; absent: all.'),
  dataset_id: z.string().optional().describe('Only events of this dataset are sent; absent: of all.'),
  public_keys: z
    .array(z.string())
    .optional()
    .describe('Keys (whpk_…) by which receivers verify v1a signatures; two while a rotation lasts.'),
  address: z.string().optional().describe('Where senders POST to.'),
  verify: z.string().optional().describe('How senders prove themselves.'),
  secret: z.string().optional().describe('The name of its secret, secret:<name>.'),
  failing_since: z.string().optional().describe('Since when no delivery has succeeded; absent when the last one did.'),
  created_at: z.string().describe('When it was made, ISO 8601 UTC.'),
  updated_at: z.string().describe('When it was changed last.'),
});

export type PublicWebhook = z.output<typeof webhookSchema>;

export function toWebhook(row: Webhook): PublicWebhook {
  const { id, name, direction, enabled, url, types, dataset_id, verify, secret, failing_since } = row;
  return {
    id,
    name,
    direction,
    owner: row.principal_id,
    enabled,
    ...(row.disabled_reason !== null && { disabled_reason: row.disabled_reason }),
    ...(url !== null && { url }),
    ...(types !== null && { types: [...types] }),
    ...(dataset_id !== null && { dataset_id }),
    ...(verify !== null && { verify }),
    ...(secret !== null && { secret: `secret:${secret}` }),
    ...(failing_since !== null && { failing_since: failing_since.toISOString() }),
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
