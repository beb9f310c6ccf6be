import { sql } from 'kysely';
import pg from 'pg';
import type { TestDatabase } from './database.ts';

/** A write to the states of workflow runs that waits until the test lets it go. */
export interface HeldWrite {
  /** Whether it has come to that write. */
  isHeld(): Promise<boolean>;
  /** Lets it go, and holds no other. */
  release(): Promise<void>;
}

/** Holds the n-th row that is written of a state, in whatever process: it waits for a lock that the test has. */
export async function holdWrite({ db, url }: Pick<TestDatabase, 'db' | 'url'>, n: number): Promise<HeldWrite> {
  await sql
    .raw(`
      create sequence written;
      create function hold() returns trigger language plpgsql as $$ begin
        if nextval('written') = ${n} then perform pg_advisory_xact_lock(4711); end if;
        return new;
      end $$;
      create trigger hold before insert or update on workflow_states for each row execute function hold();`)
    .execute(db);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('select pg_advisory_lock(4711)');
  return {
    async isHeld() {
      const { rows } = await sql`
        select 1 from pg_locks where locktype = 'advisory' and objid = 4711 and not granted
          and database = (select oid from pg_database where datname = current_database())`.execute(db);
      return rows.length > 0;
    },
    async release() {
      await client.end();
      await sql.raw('drop trigger hold on workflow_states; drop function hold; drop sequence written').execute(db);
    },
  };
}
