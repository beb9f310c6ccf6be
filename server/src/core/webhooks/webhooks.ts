import type { Connection, Db } from '../db/database.ts';
import { leadAlone } from '../db/leader.ts';
import type { Feed } from '../events/feed.ts';
import type { Logger } from '../log.ts';
import type { Secrets } from '../secrets.ts';
import type { Settings } from '../settings.ts';
import { runSender, type SenderNeeds } from './deliveries/sender.ts';
import { createReceiver, type Receive } from './incoming/receive.ts';
import { openWebhookKey } from './key.ts';
import { secretUse } from './secret-use.ts';
import { anySending } from './store.ts';

export interface Webhooks {
  /** `whpk_…` of the keys that sign, the current one first. */
  publicKeys(): string[];
  /** Where senders POST to. */
  address(id: string): string;
  /** Throws unless a webhook may use this secret: to send to a URL, or to know senders by. */
  requireSecret(name: string, url: string | null): Promise<void>;
  readonly receive: Receive;
  /** Begins to send. One process of all on a database does. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface WebhookNeeds {
  readonly db: Db;
  readonly connection: Connection;
  readonly feed: Feed;
  readonly secrets: Secrets;
  readonly settings: Settings;
  readonly keysDir: string;
  readonly baseUrl: () => string;
  readonly log: Logger;
}

const timeoutMs = 15_000;
const maxAnswerBytes = 2 ** 20;

/** Webhooks of both directions. */
export function createWebhooks(needs: WebhookNeeds): Webhooks {
  const { db, connection, feed, secrets, settings, log } = needs;
  const key = openWebhookKey(needs.keysDir);
  let leading: { close(): Promise<void> } | undefined;
  let unsubscribe: (() => void) | undefined;
  let egress: ReturnType<SenderNeeds['egress']> | undefined;

  const sender: SenderNeeds = {
    db,
    key,
    secrets,
    log,
    retryS: settings['webhooks.retry_s'],
    disableAfterDays: settings['webhooks.disable_after_days'],
    onEvent: feed.each,
    // Loaded with the first delivery: memory that a server without webhooks never needs.
    egress: () => (egress ??= loadEgress(settings)),
  };

  function begin(): void {
    leading ??= leadAlone(connection, 'tutti.webhooks', log, (signal) => runSender(sender, signal));
  }

  return {
    publicKeys: key.publicKeys,
    address: (id) => `${needs.baseUrl().replace(/\/$/, '')}/hooks/${id}`,
    async requireSecret(name, url) {
      await secrets.resolveSecret(name, secretUse(url));
    },
    receive: createReceiver({ db, secrets, log }),
    async start() {
      // Until there is something to send to, nothing runs.
      unsubscribe = feed.each(({ type, data }) => {
        if (type === 'webhook.updated' && data.direction === 'out' && data.enabled === true) begin();
      });
      if (await anySending(db)) begin();
    },
    async stop() {
      unsubscribe?.();
      await leading?.close();
    },
  };
}

async function loadEgress(settings: Settings) {
  const { createEgress } = await import('../egress.ts');
  return createEgress({
    allow: settings['egress.allow'],
    timeoutMs,
    maxBytes: maxAnswerBytes,
    // A body that is signed for one address goes to no other.
    maxRedirects: 0,
  });
}
