import path from 'node:path';
import { createLake } from './capabilities/lake/index.ts';
import { createSystem } from './capabilities/system/index.ts';
import { adminToken } from './core/auth/admin-token.ts';
import { authMigrations } from './core/auth/store.ts';
import { createCatalogue } from './core/catalogue.ts';
import { makeDataDir, writeServerInfo } from './core/data-dir.ts';
import { type Database, openDatabase, ping } from './core/db/database.ts';
import { type EmbeddedPostgres, openEmbedded } from './core/db/embedded.ts';
import { idempotencyMigrations } from './core/db/idempotency.ts';
import { leaseMigrations } from './core/db/lease.ts';
import { migrate } from './core/db/migrate.ts';
import { AlreadyRunning, directoryLock, type ServerLock, takeServerLock } from './core/db/server-lock.ts';
import { addErrorCodes } from './core/errors.ts';
import { createInvoke } from './core/invoke.ts';
import { createJobs } from './core/jobs/engine.ts';
import { jobMigrations } from './core/jobs/store.ts';
import { openKeys } from './core/keys.ts';
import type { Logger } from './core/log.ts';
import { createDiskObjects } from './core/objects/disk.ts';
import { objectMigrations } from './core/objects/store.ts';
import { createCursors } from './core/page.ts';
import type { Settings } from './core/settings.ts';
import type { Slice } from './core/slice.ts';
import { version } from './core/version.ts';
import { createHttp } from './surfaces/http.ts';
import { listen } from './surfaces/listen.ts';

export const coreMigrations = [idempotencyMigrations, authMigrations, jobMigrations, leaseMigrations, objectMigrations];

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
    const { database, lock } = await openStorage(settings, log, options, undo);
    undo.push(() => lock.release());
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
    const jobs = createJobs({
      connection: database.connection,
      db,
      log,
      concurrency: settings['jobs.concurrency'],
      deadAfterMs: settings['jobs.dead_after_s'] * 1000,
      drainMs: settings['jobs.drain_s'] * 1000,
    });

    const lake = createLake({ db, jobs, objects, cursors, settings, log });
    const slices: Slice[] = [
      createSystem({
        db,
        jobs,
        cursors,
        version,
        keepDays: settings['jobs.keep_days'],
        allFlags: async () => Object.assign({}, ...(await Promise.all(slices.map((slice) => slice.flags())))),
      }),
      lake,
    ];
    for (const slice of slices) {
      addErrorCodes(slice.errors);
      if (slice.close) undo.push(slice.close);
    }
    await migrate(db, [...coreMigrations, ...slices.map((slice) => slice.migrations)]);
    const tokenFile = await adminToken(db, settings.data_dir);

    undo.push(() => jobs.stop());
    await jobs.start(
      slices.flatMap((slice) => slice.handlers),
      slices.flatMap((slice) => slice.schedules),
    );
    const catalogue = createCatalogue(slices.flatMap((slice) => slice.tools));
    const http = createHttp({
      catalogue,
      invoke: createInvoke({ catalogue, db, log, strictOutputs: options.strictOutputs ?? false }),
      resources: slices.flatMap((slice) => slice.resources),
      objects,
      db,
      log,
      version,
      maxBodyBytes: settings.max_body_bytes,
      allowedHosts: allowedHosts(settings),
      ready: () => ping(db),
    });
    undo.push(http.close);
    const listener = await listen(http.app.fetch, settings.host, settings.port);
    undo.push(listener.close);
    url = listener.url;
    writeServerInfo(settings.data_dir, { pid: process.pid, url });
    return { url, tokenFile, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The database, and the lock that makes this process its data directory's only server. */
async function openStorage(
  settings: Settings,
  log: Logger,
  options: StartOptions,
  undo: (() => Promise<void>)[],
): Promise<{ database: Database; lock: ServerLock }> {
  const embedded = settings.database_url ? undefined : await (options.postgres ?? openEmbedded(settings.data_dir, log));
  const connection = embedded?.connection ?? { connectionString: settings.database_url as string };
  const lock = await takeServerLock(connection, [directoryLock(settings.data_dir)], log);
  // The PostgreSQL is the other server's then: it must go on.
  if (!lock) throw new AlreadyRunning('directory');
  if (embedded) undo.push(() => embedded.stop());
  const objects = await takeServerLock(connection, ['tutti.local-objects'], log);
  if (!objects) {
    await lock.release();
    throw new AlreadyRunning('database');
  }
  const database = openDatabase(connection, log);
  undo.push(() => database.close());
  return {
    database,
    lock: {
      async release() {
        await Promise.all([lock.release(), objects.release()]);
      },
    },
  };
}

function allowedHosts(settings: Settings): string[] {
  const own = settings.public_url ? [new URL(settings.public_url).hostname] : [];
  return [...settings.allowed_hosts, ...own];
}
