import { createPool } from '../../server/src/core/db/database.ts';
import { openEmbedded } from '../../server/src/core/db/embedded.ts';
import { createLog } from '../../server/src/core/log.ts';
import { makeDataDir } from './data-dir.ts';
import { serveChild } from './serve-child.ts';

/** Where a database of the benchmark's PostgreSQL is. */
export interface PostgresConnection {
  readonly host: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

await serveChild(async (_: null, undo) => {
  const dir = await makeDataDir();
  undo(dir.remove);
  const log = createLog('warn');
  const postgres = await openEmbedded(dir.path, log);
  undo(() => postgres.stop());
  const { host, user, password, database } = postgres.connection;
  const info: PostgresConnection = { host, user, password, database };
  return {
    info,
    commands: {
      async create(name: string): Promise<PostgresConnection> {
        const pool = createPool(postgres.connection, log, 1);
        await pool.query(`create database ${name}`);
        await pool.end();
        return { ...info, database: name };
      },
    },
  };
});
