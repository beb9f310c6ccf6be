import { ensureSystemDatabase } from '@dbos-inc/dbos-sdk/internal/system_database';
import { sql } from 'kysely';
import { createPool, type Db, openDatabase } from '../../src/core/db/database.ts';
import { migrate } from '../../src/core/db/migrate.ts';
import { createLog } from '../../src/core/log.ts';
import { allMigrations } from '../../src/migrations.ts';

export const templateDatabase = 'tutti_template';

export function databaseUrl(parts: { user: string; password: string; host: string; database: string }): string {
  const { user, password, host, database } = parts;
  return `postgresql://${user}:${encodeURIComponent(password)}@localhost/${database}?host=${encodeURIComponent(host)}`;
}

/** Makes a database that has every table, so that copies of it need no migration. */
export async function migrateEverything(db: Db, url: string, name: string): Promise<void> {
  await sql`create database ${sql.id(name)}`.execute(db);
  const log = createLog('warn');
  const connectionString = withDatabase(url, name);
  const template = openDatabase({ connectionString }, log);
  await migrate(template.db, allMigrations);
  const pool = createPool({ connectionString }, log, 1);
  const silent = { info() {}, debug() {}, warn() {}, error() {} };
  await ensureSystemDatabase(connectionString, silent as never, pool, 'dbos', false);
  await pool.end();
  await template.close();
}

export function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
