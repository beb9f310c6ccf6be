import { sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import type { ContainerRow } from '../containers/store.ts';

/** Parked containers are rows of `ops_containers` without a run. */
export const poolMigrations: Migrations = {
  'ops.0020-pool': sqlMigration(`
    alter table ops_containers add column if not exists pool_key text;
    alter table ops_containers add column if not exists memory_mb integer;
    create index if not exists ops_containers_pool on ops_containers (engine, pool_key) where run_id is null;`),
};

export interface Kept {
  readonly pool_key: string;
  readonly count: number;
  readonly memory_mb: number;
}

/** What is parked on an engine or about to be, by key. */
export async function listKept(db: Db, engine: string): Promise<Kept[]> {
  const { rows } = await sql<Kept>`
    select pool_key, count(*)::int as count, sum(memory_mb)::int as memory_mb from ops_containers
    where engine = ${engine} and state in ('making', 'parked') group by pool_key`.execute(db);
  return rows;
}

export async function listParked(db: Db, engine: string): Promise<ContainerRow[]> {
  const { rows } = await sql<ContainerRow>`
    select * from ops_containers where engine = ${engine} and state = 'parked' order by created_at`.execute(db);
  return rows;
}

/** A container is ready; false where it was given up meanwhile. */
export async function park(tx: Db, name: string, containerId: string): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update ops_containers set state = 'parked', container_id = ${containerId}
    where name = ${name} and state = 'making'`.execute(tx);
  return numAffectedRows > 0n;
}

/** Such containers were wanted just now: those that are left stay until then. */
export async function keepUntil(tx: Db, engine: string, key: string, until: Date): Promise<void> {
  await sql`update ops_containers set expires_at = ${until}
    where engine = ${engine} and pool_key = ${key} and state = 'parked'`.execute(tx);
}

/** Gives one up that waits for a run; nothing happens where one has it by now. */
export async function giveUp(tx: Db, name: string): Promise<void> {
  await sql`update ops_containers set state = 'ended'
    where name = ${name} and state in ('making', 'parked')`.execute(tx);
}

/** Gives up what nobody wanted for long, and what a process began to make and died over; answers how many. */
export async function giveUpIdle(tx: Db, engine: string): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    update ops_containers set state = 'ended' where engine = ${engine} and name in (
      select name from ops_containers where engine = ${engine}
        and (state = 'parked' and expires_at < now() or state = 'making' and created_at < now() - interval '2 minutes')
      for update skip locked)`.execute(tx);
  return Number(numAffectedRows);
}

/** Gives up all that wait for a run. */
export async function giveUpAll(tx: Db, engine: string): Promise<void> {
  await sql`update ops_containers set state = 'ended'
    where engine = ${engine} and state in ('making', 'parked')`.execute(tx);
}

/** Gives up the one of another key that was not wanted for longest; false where there is none. */
export async function giveUpOther(tx: Db, engine: string, key: string): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update ops_containers set state = 'ended' where name = (
      select name from ops_containers where engine = ${engine} and state = 'parked' and pool_key <> ${key}
      order by expires_at limit 1 for update skip locked)`.execute(tx);
  return numAffectedRows > 0n;
}
