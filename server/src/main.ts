import path from 'node:path';
import { createLake } from './capabilities/lake/index.ts';
import { createSystem } from './capabilities/system/index.ts';
import { createAudit } from './core/audit/audit.ts';
import { openHeadKey } from './core/audit/head-key.ts';
import { startSealer } from './core/audit/sealer.ts';
import { auditMigrations } from './core/audit/store.ts';
import { adminToken } from './core/auth/admin-token.ts';
import { createIdentity } from './core/auth/identity.ts';
import { authMigrations } from './core/auth/store.ts';
import { createCatalogue } from './core/catalogue.ts';
import { makeDataDir, writeServerInfo } from './core/data-dir.ts';
import { ping } from './core/db/database.ts';
import type { EmbeddedPostgres } from './core/db/embedded.ts';
import { idempotencyMigrations } from './core/db/idempotency.ts';
import { leaseMigrations } from './core/db/lease.ts';
import { migrate } from './core/db/migrate.ts';
import { addErrorCodes } from './core/errors.ts';
import { createFeed } from './core/events/feed.ts';
import { eventMigrations } from './core/events/store.ts';
import { createInvoke } from './core/invoke.ts';
import { createJobs } from './core/jobs/engine.ts';
import { jobMigrations } from './core/jobs/store.ts';
import { openKeys } from './core/keys.ts';
import type { Logger } from './core/log.ts';
import { createDiskObjects } from './core/objects/disk.ts';
import { objectMigrations } from './core/objects/store.ts';
import { createCursors } from './core/page.ts';
import { createRateLimiter, limitCalls } from './core/rate-limit.ts';
import type { Settings } from './core/settings.ts';
import type { Slice } from './core/slice.ts';
import { createMetrics } from './core/telemetry/metrics.ts';
import { version } from './core/version.ts';
import { openStorage } from './storage.ts';
import { openControl } from './surfaces/control.ts';
import { createHttp } from './surfaces/http.ts';
import { listen } from './surfaces/listen.ts';
import type { ExtendMcp } from './surfaces/mcp.ts';

export const coreMigrations = [
  idempotencyMigrations,
  authMigrations,
  jobMigrations,
  leaseMigrations,
  objectMigrations,
  eventMigrations,
  auditMigrations,
];

export interface RunningServer {
  /** Where it listens, such as http://127.0.0.1:7410. */
  readonly url: string;
  /** The file that holds the administrator's token. */
  readonly tokenFile: string;
  stop(): Promise<void>;
}

export interface StartOptions {
  /** The embedded PostgreSQL, where its start was begun before. */
  readonly postgres?: Promise<EmbeddedPostgres>;
  /** Throw when an output misses its schema: for tests. */
  readonly strictOutputs?: boolean;
  /** What a build of the tests adds to the MCP endpoints. */
  readonly extendMcp?: ExtendMcp;
}

/** Starts the whole server of this process: database → lock → core → capabilities → surfaces → listen. */
export async function startServer(settings: Settings, log: Logger, options: StartOptions = {}): Promise<RunningServer> {
  makeDataDir(settings.data_dir);
  const undo: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) {
      await step().catch((error: unknown) => log.error({ error }, 'a part did not stop well'));
    }
  };
  try {
    const database = await openStorage(settings, log, undo, options.postgres);
    const { db } = database;

    const keys = openKeys(path.join(settings.data_dir, 'keys'));
    const cursors = createCursors(keys);
    let url = '';
    const objects = createDiskObjects({
      directory: path.join(settings.data_dir, 'objects'),
      keys,
      maxBytes: settings['objects.max_bytes'],
      baseUrl: () => settings.public_url ?? url,
    });
    const metrics = createMetrics({ database, measures: () => slices.flatMap((slice) => slice.measures?.() ?? []) });
    const jobs = createJobs({
      connection: database.connection,
      db,
      log,
      concurrency: settings['jobs.concurrency'],
      deadAfterMs: settings['jobs.dead_after_s'] * 1000,
      drainMs: settings['jobs.drain_s'] * 1000,
      onEnded: metrics.jobEnded,
    });

    const feed = createFeed({ db, connection: database.connection, log });
    const lake = createLake({ db, jobs, objects, cursors, settings, log });
    const slices: Slice[] = [
      createSystem({
        db,
        jobs,
        cursors,
        version,
        feed,
        keepDays: settings['jobs.keep_days'],
        keepEventDays: settings['events.keep_days'],
        allFlags: async () => Object.assign({}, ...(await Promise.all(slices.map((slice) => slice.flags())))),
      }),
      lake,
    ];
    for (const slice of slices) {
      addErrorCodes(slice.errors);
      if (slice.close) undo.push(slice.close);
    }
    await migrate(db, [...coreMigrations, ...slices.map((slice) => slice.migrations)]);
    const sealer = startSealer({
      db,
      key: openHeadKey(path.join(settings.data_dir, 'keys')),
      dataDir: settings.data_dir,
      log,
      keepDays: settings['audit.keep_days'],
    });
    const audit = createAudit({ db, keys, log, onEntry: sealer.wake });
    undo.push(() => sealer.stop(), audit.flush);
    undo.push(feed.close);
    await feed.start();
    const tokenFile = await adminToken(db, settings.data_dir);

    undo.push(() => jobs.stop());
    await jobs.start(
      slices.flatMap((slice) => slice.handlers),
      slices.flatMap((slice) => slice.schedules),
    );
    const catalogue = createCatalogue(slices.flatMap((slice) => slice.tools));
    const http = createHttp({
      catalogue,
      invoke: limitCalls(
        createInvoke({
          catalogue,
          db,
          log,
          strictOutputs: options.strictOutputs ?? false,
          audit,
          measure: metrics.call,
        }),
        createRateLimiter({ perMinute: settings['limits.calls_per_minute'] }),
      ),
      resources: slices.flatMap((slice) => slice.resources),
      prompts: slices.flatMap((slice) => slice.prompts),
      cursors,
      readOnly: settings['mcp.read_only'],
      extendMcp: options.extendMcp,
      objects,
      feed,
      audit,
      metrics,
      openMetrics: settings['metrics.public'],
      db,
      log,
      version,
      maxBodyBytes: settings.max_body_bytes,
      allowedHosts: allowedHosts(settings),
      identity: createIdentity({ db, log, settings, listening: () => url }),
      limits: {
        callsPerMinute: settings['limits.calls_per_minute'],
        failuresPerMinute: settings['limits.failed_auth_per_minute'],
        behindProxy: settings.behind_tls,
      },
      ready: () => ping(db),
    });
    undo.push(http.close);
    const listener = await listen(http.app.fetch, settings.host, settings.port);
    undo.push(listener.close);
    // Streams end first: a listener waits for open answers.
    undo.push(feed.close);
    url = listener.url;
    const control = await openControl({ dataDir: settings.data_dir, db, log, url });
    undo.push(control.close);
    writeServerInfo(settings.data_dir, { pid: process.pid, url, control: control.path });
    return { url, tokenFile, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function allowedHosts(settings: Settings): string[] {
  const own = settings.public_url ? [new URL(settings.public_url).hostname] : [];
  return [...settings.allowed_hosts, ...own];
}
