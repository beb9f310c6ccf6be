import { type Selectable, sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';
import { storableJson } from '../../../core/storable.ts';
import { live } from './processes/store.ts';

type EngineTable = {
  name: string;
  labels: string[];
  capacity: number;
  version: string | null;
  /** What `docker info` said when it was last asked. */
  info: Record<string, unknown> | null;
  /** When it last answered. */
  seen_at: Date;
};

type Tables = { ops_engines: EngineTable; ops_installation: { only_one?: boolean; id: string } };

export interface EngineRow extends Selectable<EngineTable> {
  /** Processes of ours that take its jobs and that were heard of lately. */
  readonly processes: number;
  /** One of them reaches it. */
  readonly reachable: boolean;
  /** Why none does, as one of them says. */
  readonly reason: string | null;
}

const tables = (db: Db) => db.withTables<Tables>();

/** What marks the containers of this installation, the same for all processes on its database. */
export async function installationId(db: Db, fresh: () => string): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    with made as (insert into ops_installation (id) values (${fresh()}) on conflict do nothing returning id)
    select id from made union all select id from ops_installation limit 1`.execute(db);
  if (rows[0]) return rows[0].id;
  // A twin made it between the two looks.
  return (await tables(db).selectFrom('ops_installation').select('id').executeTakeFirstOrThrow()).id;
}

/** Notes down how an engine is that answers. */
export async function putEngine(db: Db, { info, ...engine }: Omit<Selectable<EngineTable>, 'seen_at'>): Promise<void> {
  const values = {
    ...engine,
    info: info && sql<never>`${storableJson(info)}::jsonb`,
    seen_at: sql<Date>`now()`,
  };
  await tables(db)
    .insertInto('ops_engines')
    .values(values)
    .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
    .execute();
}

/** All engines that were ever there, by name. */
export async function listEngines(db: Db): Promise<EngineRow[]> {
  const { rows } = await sql<EngineRow>`
    select e.*, p.processes, p.reachable, case when not p.reachable then p.reason end as reason
    from ops_engines e, lateral (
      select count(*)::int as processes, coalesce(bool_or(reason is null), false) as reachable,
        (array_agg(reason order by since))[1] as reason
      from ${live} as live where engine = e.name) p
    order by e.name`.execute(db);
  return rows;
}

/** The engines that no process reaches just now. */
export const awayEngines = sql`(select name from ops_engines where not exists (
  select from ${live} as live where engine = name and reason is null))`;

export async function isAway(db: Db, name: string): Promise<boolean> {
  const { rows } = await sql`select from ops_engines where name = ${name} and name in ${awayEngines}`.execute(db);
  return rows.length > 0;
}

/** How many jobs that have not ended each engine has. */
export async function countOpenRuns(db: Db): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ engine: string; open: number }>`
    select r.engine, count(*)::int as open from ops_runs r join jobs j on j.id = r.id
    where j.finished_at is null group by r.engine`.execute(db);
  return new Map(rows.map(({ engine, open }) => [engine, open]));
}

/** How many jobs an engine runs. */
export async function countRunning(db: Db, engine: string): Promise<number> {
  const { rows } = await sql<{ running: number }>`
    select count(*)::int as running from ops_runs r join jobs j on j.id = r.id
    where r.outcome is null and r.engine = ${engine} and j.state = 'running'`.execute(db);
  return rows[0]?.running ?? 0;
}
