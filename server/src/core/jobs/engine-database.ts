import { ensureSystemDatabase } from '@dbos-inc/dbos-sdk/internal/system_database';
import type { GlobalLogger } from '@dbos-inc/dbos-sdk/internal/telemetry/logs';
import { type Connection, createPool, type Db, withSessionLock } from '../db/database.ts';
import type { Logger } from '../log.ts';

/** The engine wants a URL even where it is given a pool. */
export const noUrl = 'postgresql://tutti@localhost/tutti';

/**
 * Brings the engine's tables up to date, one process at a time. Its many small commits need not each reach the disk: the
 * first commit after them, which waits for the disk, takes them along.
 */
export async function migrateEngine(connection: Connection, db: Db, log: Logger): Promise<void> {
  const pool = createPool({ ...connection, options: '-c synchronous_commit=off' }, log, 1);
  try {
    await withSessionLock(db, 'tutti.migrate', () =>
      ensureSystemDatabase(noUrl, engineLogger(log) as GlobalLogger, pool, 'dbos', false),
    );
  } finally {
    await pool.end();
  }
}

/** Our log in the engine's words: what it tells of its daily work is detail to us. */
export function engineLogger(log: Logger) {
  const child = log.child({ part: 'engine' });
  return {
    info: (entry: unknown) => child.debug(String(entry)),
    debug: (entry: unknown) => child.trace(String(entry)),
    warn: (entry: unknown) => child.warn(String(entry)),
    error: (entry: unknown) => {
      const text = String(entry);
      // A job that is handed over at a stop asks after its end once more.
      child[text.includes('The system database has been shut down') ? 'debug' : 'error'](text);
    },
  };
}
