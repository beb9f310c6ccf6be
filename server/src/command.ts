import { makeDataDir } from './core/data-dir.ts';
import { type Connection, type Db, openDatabase } from './core/db/database.ts';
import { type EmbeddedPostgres, openEmbedded } from './core/db/embedded.ts';
import { directoryLock, takeServerLock } from './core/db/server-lock.ts';
import { AppError, errorRow } from './core/errors.ts';
import { createLog, type Logger } from './core/log.ts';
import { readSettings, type Settings, SettingsError } from './core/settings.ts';

/** The flags by which every command that works on the database finds it, for `parseArgs`. */
export const databaseFlags = {
  'data-dir': { type: 'string' },
  'database-url': { type: 'string' },
  config: { type: 'string' },
} as const;

/** The settings behind those flags, read as `tutti serve` reads them. */
export function settingsOf(flags: Readonly<Partial<Record<keyof typeof databaseFlags, string | undefined>>>): Settings {
  const own = (['data-dir', 'database-url', 'config'] as const).flatMap((name) => {
    const value = flags[name];
    return value === undefined ? [] : [`--${name}=${value}`];
  });
  return readSettings(own);
}

/** Runs `work` on the database. A PostgreSQL that was started for it is stopped again, unless a server took it up. */
export async function withDatabase<T>(settings: Settings, work: (db: Db) => Promise<T>): Promise<T> {
  const log = createLog('warn');
  if (settings.database_url) return withConnection({ connectionString: settings.database_url }, log, work);
  makeDataDir(settings.data_dir);
  const embedded = await openEmbedded(settings.data_dir, log);
  try {
    return await withConnection(embedded.connection, log, work);
  } finally {
    if (!embedded.adopted) await stopUnlessServed(embedded, settings.data_dir, log);
  }
}

async function withConnection<T>(connection: Connection, log: Logger, work: (db: Db) => Promise<T>): Promise<T> {
  const { db, close } = openDatabase(connection, log, { max: 4 });
  try {
    return await work(db);
  } finally {
    await close();
  }
}

async function stopUnlessServed(embedded: EmbeddedPostgres, dataDir: string, log: Logger): Promise<void> {
  // The name under which a server holds its directory: see openStorage in storage.ts.
  const lock = await takeServerLock(embedded.connection, [directoryLock(dataDir)], log);
  if (!lock) return;
  await lock.release();
  await embedded.stop();
}

export function badInput(message: string, suggestion: string): AppError {
  return new AppError('VALIDATION_FAILED', message, suggestion);
}

/** Says on stderr why a command failed, and answers its exit code. */
export function report(error: unknown): number {
  if (error instanceof SettingsError) {
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  if (error instanceof AppError) {
    process.stderr.write(`${error.message} ${error.suggestion}\n`);
    return errorRow(error.code).exit;
  }
  process.stderr.write(`The command failed: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
}
