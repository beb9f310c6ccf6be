import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { grantSecret, putSecret } from '../../server/src/core/auth/secrets/store.ts';
import { putPrincipal } from '../../server/src/core/auth/store.ts';
import { type Db, inTransaction, openDatabase } from '../../server/src/core/db/database.ts';
import { migrate } from '../../server/src/core/db/migrate.ts';
import { createFeed } from '../../server/src/core/events/feed.ts';
import { appendEvent } from '../../server/src/core/events/store.ts';
import { newId } from '../../server/src/core/ids.ts';
import { createLog } from '../../server/src/core/log.ts';
import { createSecrets } from '../../server/src/core/secrets.ts';
import { readSettings } from '../../server/src/core/settings.ts';
import { saveWebhook } from '../../server/src/core/webhooks/store.ts';
import { createWebhooks } from '../../server/src/core/webhooks/webhooks.ts';
import { coreMigrations } from '../../server/src/migrations.ts';
import { makeDataDir } from '../support/data-dir.ts';
import type { PostgresConnection } from '../support/postgres-process.ts';
import { serveChild } from '../support/serve-child.ts';
import { data, maxLanes, type PostCommand, type SenderNeeds } from './side.ts';

/** The product's sender as a server has it: from the event's commit over a durable delivery to the receiver's answer. */
await serveChild(async ({ url, connection }: SenderNeeds & { connection: PostgresConnection }, undo) => {
  const dir = await makeDataDir();
  undo(dir.remove);
  const log = createLog('warn');
  const database = openDatabase(connection, log);
  undo(() => database.close());
  const { db } = database;
  await migrate(db, coreMigrations);
  const feed = createFeed({ db, connection, log });
  undo(feed.close);
  await feed.start();
  const settings = readSettings(['--data-dir', dir.path, '--egress-allow', '127.0.0.1'], {});
  const secrets = createSecrets(db);
  const keysDir = path.join(dir.path, 'keys');
  const webhooks = createWebhooks({ db, connection, feed, secrets, settings, keysDir, baseUrl: () => '', log });
  await nameSecret(db, path.join(dir.path, 'secret'));
  for (let lane = 0; lane < maxLanes; lane += 1) await makeWebhook(db, `bench.${lane}`, url);
  undo(webhooks.stop);
  await webhooks.start();
  return {
    info: null,
    commands: {
      post: ({ count, lanes }: PostCommand) =>
        inTransaction(db, async (tx) => {
          for (let n = 0; n < count; n += 1) {
            await appendEvent(tx, { type: `bench.${n % lanes}`, subject: `job:${n}`, toolset: 'system', data });
          }
        }),
    },
  };
});

async function nameSecret(db: Db, file: string): Promise<void> {
  writeFileSync(file, `whsec_${randomBytes(24).toString('base64')}`);
  await putSecret(db, 'bench', `file:${file}`);
  await grantSecret(db, 'bench', { toolset: 'system' });
}

async function makeWebhook(db: Db, type: string, url: string): Promise<void> {
  const principal = await putPrincipal(db, { id: newId('prn'), name: 'bench', grants: ['writer'] });
  const authority = { scopes: ['system:read', 'system:write'], admin: false };
  const made = {
    id: newId('wh'),
    name: type,
    direction: 'out',
    principal_id: principal,
    authority,
    url,
    types: [type],
  };
  const rest = { dataset_id: null, verify: null, secret: 'bench', enabled: true, disabled_reason: null };
  await inTransaction(db, (tx) => saveWebhook(tx, { ...made, ...rest }, true));
}
