import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Db } from '../../src/core/db/database.ts';

const patienceMs = 30_000;

/** Drops a database with all who are connected to it. Autovacuum may be at it for a moment, whom only a superuser may end. */
export async function dropDatabase(db: Db, name: string): Promise<void> {
  for (const until = Date.now() + patienceMs; ; await sleep(200)) {
    try {
      await sql`drop database if exists ${sql.id(name)} with (force)`.execute(db);
      return;
    } catch (error) {
      if ((error as { code?: unknown }).code !== '42501' || Date.now() > until) throw error;
    }
  }
}
