import { type Selectable, sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';
import { storableJson } from '../../../core/storable.ts';

type EngineTable = {
  name: string;
  labels: string[];
  capacity: number;
  reachable: boolean;
  reason: string | null;
  version: string | null;
  /** What `docker info` said when it was last asked. */
  info: Record<string, unknown> | null;
  seen_at: Date;
};

type Tables = { ops_engines: EngineTable; ops_installation: { only_one?: boolean; id: string } };

export type EngineRow = Selectable<EngineTable>;

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

/** Notes down how the engine of this process is. */
export async function putEngine(db: Db, engine: Omit<EngineRow, 'seen_at'>): Promise<void> {
  const { info, ...rest } = engine;
  const values = { ...rest, ...(info && { info: sql<never>`${storableJson(info)}::jsonb` }), seen_at: new Date() };
  await tables(db)
    .insertInto('ops_engines')
    .values({ ...values, info: values.info ?? null })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
    .execute();
}

/** Notes that an engine is out of reach, unless another process reached it a moment ago; nothing where none of that name ever was. */
export async function markUnreachable(db: Db, name: string, reason: string): Promise<void> {
  await sql`update ops_engines set reachable = false, reason = ${reason}
    where name = ${name} and seen_at < now() - interval '15 seconds'`.execute(db);
}

/** All engines that were ever there, by name. */
export function listEngines(db: Db): Promise<EngineRow[]> {
  return tables(db).selectFrom('ops_engines').selectAll().orderBy('name').execute();
}

/** Whether nobody has reached an engine for a while: each process looks at its own every few seconds. */
export async function isAway(db: Db, name: string): Promise<boolean> {
  const { rows } = await sql`select from ops_engines
    where name = ${name} and reachable and seen_at > now() - interval '30 seconds'`.execute(db);
  return rows.length === 0;
}

/** How many jobs that have not ended each engine has. */
export async function countOpenRuns(db: Db): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ engine: string; open: number }>`
    select r.engine, count(*)::int as open from ops_runs r join jobs j on j.id = r.id
    where j.finished_at is null group by r.engine`.execute(db);
  return new Map(rows.map(({ engine, open }) => [engine, open]));
}
