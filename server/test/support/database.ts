import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { inject } from 'vitest';
import { type Database, openDatabase } from '../../src/core/db/database.ts';
import { createLog } from '../../src/core/log.ts';
import { templateDatabase, withDatabase } from './template.ts';

export interface TestDatabase extends Database {
  readonly url: string;
}

/** A fresh, migrated database of this test's own; `close` drops it. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const log = createLog('error');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const server = openDatabase({ connectionString: inject('postgresUrl') }, log, { max: 1 });
  await sql`create database ${sql.id(name)} template ${sql.id(templateDatabase)}`.execute(server.db);
  const url = withDatabase(inject('postgresUrl'), name);
  const database = openDatabase({ connectionString: url }, log);
  return {
    ...database,
    url,
    async close() {
      await database.close();
      await sql`drop database if exists ${sql.id(name)} with (force)`.execute(server.db);
      await server.close();
    },
  };
}
