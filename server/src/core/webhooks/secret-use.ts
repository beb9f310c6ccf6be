import type { SecretUse } from '../secrets.ts';

/** What a webhook wants its secret for: towards the host that it sends to, or only to know its senders by. */
export function secretUse(url: string | null): SecretUse {
  return { toolset: 'system', ...(url !== null && { host: new URL(url).hostname }) };
}
