import { sql } from 'kysely';
import type { Db } from '../../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../../core/db/migrate.ts';

export const engineMigrations: Migrations = {
  // Whether an engine answers is what the processes beside it say, as long as they say anything.
  'ops.0040-engine-processes': sqlMigration(`
    alter table ops_engines drop column if exists reachable;
    alter table ops_engines drop column if exists reason;
    create table if not exists ops_engine_processes (
      id text primary key,
      engine text not null,
      identity text,
      reason text,
      since timestamptz not null,
      seen_at timestamptz not null
    );
    create index if not exists ops_engine_processes_engine on ops_engine_processes (engine);`),
};

/** Processes that live, and have told of their engine lately: they do so every few seconds. */
export const live = sql`(select p.* from ops_engine_processes p join executors x on x.id = p.id
  where p.seen_at > clock_timestamp() - interval '30 seconds')`;

/** A process that takes the jobs of an engine. */
export interface EngineProcess {
  readonly id: string;
  readonly engine: string;
  /** Of the engine itself; null while it did not answer yet. */
  readonly identity: string | null;
  /** Why it does not reach the engine. */
  readonly reason: string | null;
}

/** Notes down that a process lives, and how it finds its engine. */
export async function putProcess(tx: Db, { id, engine, identity, reason }: EngineProcess): Promise<void> {
  await sql`
    insert into ops_engine_processes as known (id, engine, identity, reason, since, seen_at)
    values (${id}, ${engine}, ${identity}, ${reason}, clock_timestamp(), clock_timestamp())
    on conflict (id) do update set reason = excluded.reason, seen_at = excluded.seen_at,
      identity = coalesce(excluded.identity, known.identity),
      since = case when coalesce(excluded.identity, known.identity) is not distinct from known.identity
        then known.since else excluded.since end`.execute(tx);
  await sql`delete from ops_engine_processes where seen_at < now() - interval '1 day'`.execute(tx);
}

/** The other processes that live and have the same name for their engine. */
export interface Others {
  readonly count: number;
  /** One of them has it for another engine, and had so before this process. */
  readonly taken: boolean;
  /** One of them has not looked since this process came, and so does not know of it. */
  readonly unaware: boolean;
}

export async function otherProcesses(
  tx: Db,
  { id, engine, identity }: Pick<EngineProcess, 'id' | 'engine' | 'identity'>,
): Promise<Others> {
  const { rows } = await sql<Others>`
    select count(*)::int as count,
      coalesce(bool_or(other.identity <> ${identity}
        and (ours.id is null or (other.since, other.id) < (ours.since, ours.id))), false) as taken,
      coalesce(bool_or(other.seen_at < ours.since), false) as unaware
    from ${live} as other left join ops_engine_processes ours on ours.id = ${id}
    where other.engine = ${engine} and other.id <> ${id}`.execute(tx);
  return rows[0] ?? { count: 0, taken: false, unaware: false };
}

export async function deleteProcess(db: Db, id: string): Promise<void> {
  await sql`delete from ops_engine_processes where id = ${id}`.execute(db);
}
