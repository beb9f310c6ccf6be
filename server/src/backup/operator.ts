import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Connection } from '../core/db/database.ts';
import { openEmbedded } from '../core/db/embedded.ts';
import { directoryLock, takeServerLock } from '../core/db/server-lock.ts';
import { AppError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { Settings } from '../core/settings.ts';

/** Runs `work` on the database of an existing data directory. A PostgreSQL that was started for it is stopped again. */
export async function withPostgres<T>(
  settings: Settings,
  log: Logger,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const { data_dir: dataDir, database_url: url } = settings;
  if (url) return work({ connectionString: url });
  if (!['postgres', 'postgres.location'].some((name) => existsSync(path.join(dataDir, name)))) {
    throw new AppError('NOT_FOUND', `${dataDir} holds no database.`, 'Name the data directory with --data-dir.');
  }
  const embedded = await openEmbedded(dataDir, log);
  try {
    return await work(embedded.connection);
  } finally {
    // A server may have taken up what was started here: see openStorage in main.ts.
    const lock = embedded.adopted
      ? undefined
      : await takeServerLock(embedded.connection, [directoryLock(dataDir)], log);
    await lock?.release();
    if (lock) await embedded.stop();
  }
}
