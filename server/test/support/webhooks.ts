import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { grantSecret, putSecret, type SecretGrant } from '../../src/core/auth/secrets/store.ts';
import { inTransaction } from '../../src/core/db/database.ts';
import type { NewEvent } from '../../src/core/events/event.ts';
import { appendEvent } from '../../src/core/events/store.ts';
import type { TestServer } from './server.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

/** Webhooks of a server, each step of which must succeed. */
export function webhooksOf(server: TestServer) {
  async function ok(name: string, input: unknown, token?: string): Promise<Body> {
    const { status, body } = await server.call(name, input, token);
    expect({ name, status, refused: status !== 200 && body }).toEqual({ name, status: 200, refused: false });
    return body;
  }
  return {
    ok,
    put: (input: unknown, token?: string) => ok('put_webhook', input, token),
    /** Appends an event that everybody may see who may read the toolset. */
    append: (n: number | string, more: Partial<NewEvent> = {}) =>
      inTransaction(server.database.db, (tx) =>
        appendEvent(tx, { type: 'test.noted', subject: `note:${n}`, toolset: 'lake', data: { n }, ...more }),
      ),
    /** The deliveries of a webhook, the newest first, once what is asked of them holds. */
    async deliveries(id: string, holds: (items: Body[]) => boolean): Promise<Body[]> {
      let items: Body[] = [];
      const look = async () => {
        items = (await ok('list_deliveries', { webhook_id: id })).items;
        return holds(items) || items.map(({ state, attempts }) => ({ state, attempts }));
      };
      await expect.poll(look, { timeout: 30_000, interval: 50 }).toBe(true);
      return items;
    },
    /** Names a secret with a value in a file, and grants it. */
    async secret(name: string, value: string, grant: SecretGrant = { toolset: 'system' }): Promise<void> {
      const file = path.join(server.dataDir, `secret-${name}`);
      writeFileSync(file, `${value}\n`);
      await putSecret(server.database.db, name, `file:${file}`);
      await grantSecret(server.database.db, name, grant);
    },
  };
}
