import { type Database, openDatabase } from './core/db/database.ts';
import { type EmbeddedPostgres, openEmbedded } from './core/db/embedded.ts';
import { AlreadyRunning, directoryLock, takeServerLock } from './core/db/server-lock.ts';
import type { Logger } from './core/log.ts';
import type { Settings } from './core/settings.ts';

/**
 * Opens the database of a server, and takes the locks that make this process its data directory's only server and the
 * database's only one with local objects. Throws AlreadyRunning, having changed nothing. What is to be undone at the stop
 * goes to `undo`, the first to be undone last.
 */
export async function openStorage(
  settings: Settings,
  log: Logger,
  undo: (() => Promise<void>)[],
  postgres?: Promise<EmbeddedPostgres>,
): Promise<Database> {
  const embedded = settings.database_url ? undefined : await (postgres ?? openEmbedded(settings.data_dir, log));
  const connection = embedded?.connection ?? { connectionString: settings.database_url as string };
  const directory = await takeServerLock(connection, [directoryLock(settings.data_dir)], log);
  // The PostgreSQL is the other server's then: it must go on.
  if (!directory) throw new AlreadyRunning('directory');
  if (embedded) undo.push(() => embedded.stop());
  undo.push(() => directory.release());
  const objects = await takeServerLock(connection, ['tutti.local-objects'], log);
  if (!objects) throw new AlreadyRunning('database');
  undo.push(() => objects.release());
  const database = openDatabase(connection, log);
  undo.push(() => database.close());
  return database;
}
