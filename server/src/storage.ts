import { type Connection, type Database, openDatabase } from './core/db/database.ts';
import { type EmbeddedPostgres, openEmbedded } from './core/db/embedded.ts';
import { AlreadyRunning, directoryLock, takeServerLock } from './core/db/server-lock.ts';
import type { Logger } from './core/log.ts';
import { objectsUri } from './core/objects/open.ts';
import { type Settings, SettingsError } from './core/settings.ts';
import type { Undo } from './undo.ts';

/**
 * Opens the database of a server, and takes the locks that make this process its data directory's only server and, unless
 * objects are shared, the database's only one. Throws AlreadyRunning, having changed nothing. What is to be undone at the
 * stop goes to `undo`, the first to be undone last.
 */
export async function openStorage(
  settings: Settings,
  log: Logger,
  undo: Undo,
  postgres?: Promise<EmbeddedPostgres>,
): Promise<Database> {
  const embedded = settings.database_url ? undefined : await (postgres ?? openEmbedded(settings.data_dir, log));
  const connection = embedded?.connection ?? { connectionString: settings.database_url as string };
  const directory = await takeServerLock(connection, [directoryLock(settings.data_dir)], log);
  // The PostgreSQL is the other server's then: it must go on.
  if (!directory) throw new AlreadyRunning('directory');
  if (embedded) undo.push(() => embedded.stop());
  undo.push(() => directory.release());
  // Whoever writes nothing keeps nobody out.
  if (settings.read_only) return opened(connection, log, undo);
  // Whoever shares its objects keeps out those who do not, and they everybody.
  const share = sharedStore(settings) !== undefined;
  const objects = await takeServerLock(connection, ['tutti.local-objects'], log, { share });
  if (!objects) throw new AlreadyRunning('database');
  undo.push(() => objects.release());
  return opened(connection, log, undo);
}

function opened(connection: Connection, log: Logger, undo: Undo): Database {
  const database = openDatabase(connection, log);
  undo.push(() => database.close());
  return database;
}

/** Where the objects and indexes are that several servers share; undefined when some are files of this one. */
export function sharedStore(settings: Settings): string | undefined {
  return settings['lake.indexes'] === 'local' ? undefined : objectsUri(settings);
}

/** Throws unless this process may be one of several on its database. */
export function mustShare(settings: Settings): void {
  if (settings.read_only) throw new SettingsError('A worker runs jobs, so it cannot be read_only.');
  if (settings.database_url === undefined) {
    throw new SettingsError(
      'A worker needs database_url: the embedded database of a data directory has exactly one server, which runs its jobs.',
    );
  }
  if (sharedStore(settings) === undefined) {
    throw new SettingsError(
      'A worker needs objects and indexes on S3 (objects.s3_bucket, lake.indexes s3), where its servers have theirs.',
    );
  }
}
