import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createLake } from '../../server/src/capabilities/lake/index.ts';
import { openIndexes } from '../../server/src/capabilities/lake/index-place.ts';
import { createSystem } from '../../server/src/capabilities/system/index.ts';
import { adminToken } from '../../server/src/core/auth/admin-token.ts';
import { createIdentity } from '../../server/src/core/auth/identity.ts';
import { createCatalogue } from '../../server/src/core/catalogue.ts';
import { openDatabase } from '../../server/src/core/db/database.ts';
import { openEmbedded } from '../../server/src/core/db/embedded.ts';
import { migrate } from '../../server/src/core/db/migrate.ts';
import { createFeed } from '../../server/src/core/events/feed.ts';
import { createInvoke } from '../../server/src/core/invoke.ts';
import { createJobs } from '../../server/src/core/jobs/engine.ts';
import { openKeys } from '../../server/src/core/keys.ts';
import { createLog } from '../../server/src/core/log.ts';
import { createDiskObjects } from '../../server/src/core/objects/disk.ts';
import { createCursors } from '../../server/src/core/page.ts';
import { createSecrets } from '../../server/src/core/secrets.ts';
import { readSettings } from '../../server/src/core/settings.ts';
import type { Slice } from '../../server/src/core/slice.ts';
import { createMetrics } from '../../server/src/core/telemetry/metrics.ts';
import { startTracing } from '../../server/src/core/telemetry/tracing.ts';
import { createWebhooks } from '../../server/src/core/webhooks/webhooks.ts';
import { allMigrations } from '../../server/src/migrations.ts';
import { createHttp } from '../../server/src/surfaces/http.ts';
import { listen } from '../../server/src/surfaces/listen.ts';
import { makeDataDir } from '../support/data-dir.ts';
import type { PostgresConnection } from '../support/postgres-process.ts';
import { type Served, serveChild, type Undo } from '../support/serve-child.ts';
import type { Target, TuttiServer } from './requests.ts';
import { fillers } from './tools.ts';

await serveChild(start);

/** The whole server as main.ts builds it, and fillers among its tools; with its traces sent to a collector, if there is one. */
async function start({ collector, shared }: TuttiServer, undo: Undo): Promise<Served> {
  const dir = await makeDataDir();
  undo(dir.remove);
  const settings = readSettings(['--data-dir', dir.path], {});
  const log = createLog('warn');
  const telemetry = { 'telemetry.otlp_url': collector, version: '0.0.0' };
  undo(await startTracing({ ...settings, ...telemetry }, log));
  const postgres = shared ? undefined : await openEmbedded(dir.path, log);
  if (postgres) undo(() => postgres.stop());
  const connection = (shared ?? postgres?.connection) as PostgresConnection;
  const database = openDatabase(connection, log);
  undo(() => database.close());
  const { db } = database;
  const keys = openKeys(path.join(dir.path, 'keys'));
  const cursors = createCursors(keys);
  const objects = createDiskObjects({
    directory: path.join(dir.path, 'objects'),
    keys,
    maxBytes: settings['objects.max_bytes'],
    baseUrl: () => '',
  });
  const jobs = createJobs({
    connection,
    db,
    log,
    concurrency: settings['jobs.concurrency'],
    deadAfterMs: settings['jobs.dead_after_s'] * 1000,
    drainMs: 1000,
  });
  const lake = createLake({
    db,
    jobs,
    objects,
    indexes: await openIndexes(settings),
    cursors,
    settings,
    log,
  });
  undo(() => lake.close?.());
  const feed = createFeed({ db, connection, log });
  const keysDir = path.join(dir.path, 'keys');
  const webhooks = createWebhooks({
    ...{ db, connection, feed, secrets: createSecrets(db), settings, keysDir, baseUrl: () => '', log },
  });
  const system = createSystem({
    ...{
      db,
      jobs,
      feed,
      cursors,
      webhooks,
      baseUrl: () => '',
      version: '0.0.0',
      keepDays: 1,
      keepEventDays: 1,
      keepDeliveryDays: 1,
      slices: [],
    },
    allFlags: () => lake.flags(),
  });
  const slices: Slice[] = [system, lake];
  await migrate(db, allMigrations);
  const token = (await readFile(await adminToken(db, dir.path), 'utf8')).trim();
  undo(feed.close);
  await feed.start();
  undo(() => jobs.stop());
  await jobs.start(
    slices.flatMap((slice) => slice.handlers),
    slices.flatMap((slice) => slice.schedules),
  );
  const own = slices.flatMap((slice) => slice.tools);
  const catalogue = createCatalogue([...own, ...fillers(own.length)]);
  const http = createHttp({
    catalogue,
    invoke: createInvoke({ catalogue, db, log, strictOutputs: false }),
    resources: slices.flatMap((slice) => slice.resources),
    prompts: slices.flatMap((slice) => slice.prompts),
    cursors,
    readOnly: false,
    writes: true,
    rememberMs: 0,
    objects,
    feed,
    metrics: createMetrics({ database: { db, pool: () => ({ open: 0, idle: 0, waiting: 0 }) }, measures: () => [] }),
    openMetrics: false,
    db,
    log,
    version: '0.0.0',
    maxBodyBytes: settings.max_body_bytes,
    hooks: { receive: webhooks.receive, maxBodyBytes: settings.max_body_bytes },
    allowedHosts: settings.allowed_hosts,
    identity: createIdentity({ db, log, settings, listening: () => 'http://127.0.0.1' }),
    limits: { callsPerMinute: 1e9, failuresPerMinute: 1e9, behindProxy: false },
    ready: async () => undefined,
  });
  undo(http.close);
  const listener = await listen(http.app.fetch, '127.0.0.1', 0);
  undo(listener.close);
  const info: Target = { port: Number(new URL(listener.url).port), path: '/mcp/all', era: '2026-07-28', token };
  return { info };
}
