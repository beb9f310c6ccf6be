import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { openDatabase } from '../../src/core/db/database.ts';
import { createLog } from '../../src/core/log.ts';
import type { TestDatabase } from './database.ts';
import { dropDatabase } from './drop-database.ts';
import { makeTempDir } from './temp-dir.ts';
import { withDatabase } from './template.ts';

/** A PostgreSQL that has pgvector, of `.ci/pgvector`; without it the tests that need one are skipped. */
export const pgvectorUrl = process.env.TEST_PGVECTOR_URL ?? '';

/**
 * An empty database, by default beside pgvector, which is not made in it yet. `reference` names its URL for the settings.
 */
export async function createEmptyDatabase(
  service = pgvectorUrl,
): Promise<TestDatabase & { readonly reference: string }> {
  const log = createLog('error');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = openDatabase({ connectionString: service }, log, { max: 1 });
  await sql`create database ${sql.id(name)}`.execute(admin.db);
  const url = withDatabase(service, name);
  const database = openDatabase({ connectionString: url }, log, { max: 4 });
  return {
    ...database,
    url,
    reference: referenceTo(url),
    async close() {
      await database.close();
      await dropDatabase(admin.db, name);
      await admin.close();
    },
  };
}

/** Waits until an index of vectors is being made in a database. */
export async function untilIndexing({ db }: Pick<TestDatabase, 'db'>): Promise<void> {
  const indexing = () =>
    sql`select from pg_stat_progress_create_index p join pg_class c on c.oid = p.index_relid
      where p.datname = current_database() and c.relname like 'idx_%_vector'`.execute(db);
  while ((await indexing()).rows.length === 0) await sleep(10);
}

/** The URL of a database as the settings want it: by reference. */
export function referenceTo(url: string): string {
  const file = path.join(makeTempDir('postgres-url'), 'url');
  writeFileSync(file, url);
  return `file:${file}`;
}
