import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { inject } from 'vitest';
import { type Database, openDatabase } from '../../src/core/db/database.ts';
import { createLog } from '../../src/core/log.ts';
import { dropDatabase } from './drop-database.ts';
import { templateDatabase, withDatabase } from './template.ts';

export interface TestDatabase extends Database {
  readonly url: string;
}

/** The PostgreSQL of the worker that runs this test. */
export function clusterUrl(): string {
  const urls = inject('postgresUrls');
  const url = urls[Number(process.env.VITEST_POOL_ID) - 1];
  if (url === undefined) throw new Error(`there is no PostgreSQL for worker ${process.env.VITEST_POOL_ID}`);
  return url;
}

/** A fresh, migrated database of this test's own; `close` drops it. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const log = createLog('error');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const server = openDatabase({ connectionString: clusterUrl() }, log, { max: 1 });
  await sql`create database ${sql.id(name)} template ${sql.id(templateDatabase)}`.execute(server.db);
  const url = withDatabase(clusterUrl(), name);
  const database = openDatabase({ connectionString: url }, log);
  return {
    ...database,
    url,
    async close() {
      await database.close();
      await dropDatabase(server.db, name);
      await server.close();
    },
  };
}
