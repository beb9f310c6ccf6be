import { type Selectable, sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';

type ContainerTable = {
  /** Of the container too: `tutti-<ulid>`. */
  name: string;
  engine: string;
  kind: string;
  /** `making`, then `parked` in the pool; `bound` to a job; `ended`: to be removed. */
  state: string;
  /** Of its processes; no two live containers of an engine share one. */
  uid: number;
  container_id: string | null;
  run_id: string | null;
  /** What it is like; the pool hands it to jobs that want just that. Null for one that was made for its job. */
  pool_key: string | null;
  /** Most memory it may take. */
  memory_mb: number | null;
  expires_at: Date;
  created_at: Date;
};

type Tables = { ops_containers: ContainerTable };

export type ContainerRow = Selectable<ContainerTable>;

const tables = (db: Db) => db.withTables<Tables>();

/** The container of a job; undefined before it has one, and once it is removed. */
export function findContainerOf(db: Db, runId: string): Promise<ContainerRow | undefined> {
  return tables(db).selectFrom('ops_containers').selectAll().where('run_id', '=', runId).executeTakeFirst();
}

/** Notes down a container that is about to be made, with a uid that no other one of its engine has. */
export async function insertContainer(
  tx: Db,
  container: Pick<ContainerRow, 'name' | 'engine' | 'kind' | 'expires_at'> &
    Partial<Pick<ContainerRow, 'state' | 'run_id' | 'pool_key' | 'memory_mb'>>,
): Promise<ContainerRow> {
  for (;;) {
    const row = await tables(tx)
      .insertInto('ops_containers')
      .values({
        state: 'bound',
        ...container,
        uid: sql<number>`nextval('ops_uids')`,
        container_id: null,
        created_at: new Date(),
      })
      .onConflict((conflict) => conflict.columns(['engine', 'uid']).doNothing())
      .returningAll()
      .executeTakeFirst();
    if (row) return row;
  }
}

/**
 * The container of a run, or a parked one that is just as it wants one, which it has from now on; undefined where there is none. No
 * two runs get the same. One statement, for a job waits for it.
 */
export async function findOrTakeParked(
  db: Db,
  wanted: Pick<ContainerRow, 'engine' | 'run_id' | 'expires_at'> & { readonly pool_key: string },
): Promise<ContainerRow | undefined> {
  const { rows } = await sql<ContainerRow>`
    with known as (select * from ops_containers where run_id = ${wanted.run_id}),
    taken as (
      update ops_containers set state = 'bound', run_id = ${wanted.run_id}, expires_at = ${wanted.expires_at}
      where name = (select name from ops_containers
        where engine = ${wanted.engine} and state = 'parked' and pool_key = ${wanted.pool_key}
          and not exists (select from known)
        order by created_at limit 1 for update skip locked)
      returning *),
    noted as (
      update ops_runs set container_id = taken.container_id, expires_at = taken.expires_at
      from taken where ops_runs.id = taken.run_id and taken.container_id is not null)
    select * from known union all select * from taken`.execute(db);
  return rows[0];
}

/** Notes the engine's id of a container, in its own row and in its job's. */
export async function setContainerId(tx: Db, name: string, containerId: string): Promise<void> {
  const row = await tables(tx)
    .updateTable('ops_containers')
    .set({ container_id: containerId })
    .where('name', '=', name)
    .returningAll()
    .executeTakeFirst();
  if (row?.run_id) {
    await sql`update ops_runs set container_id = ${containerId}, expires_at = ${row.expires_at}
      where id = ${row.run_id}`.execute(tx);
  }
}

/** Containers of an engine that are to be removed: given up, or of jobs that have ended without it. */
export async function listEndedContainers(db: Db, engine: string): Promise<ContainerRow[]> {
  const { rows } = await sql<ContainerRow>`
    select c.* from ops_containers c left join jobs j on j.id = c.run_id
    where c.engine = ${engine}
      and (c.state = 'ended' or (c.run_id is not null and (j.id is null or j.finished_at is not null)))
    order by c.created_at limit 100`.execute(db);
  return rows;
}

/** Notes that a container, if there is one, could not be removed: it is tried again, and may run until then. */
export async function noteNotRemoved(db: Db, { run_id }: Pick<ContainerRow, 'run_id'>): Promise<void> {
  if (run_id)
    await sql`update ops_runs set cleanup_failed = true where id = ${run_id} and not cleanup_failed`.execute(db);
}

/** Forgets a container that is gone. */
export async function deleteContainer(tx: Db, { name, run_id }: ContainerRow): Promise<void> {
  await tables(tx).deleteFrom('ops_containers').where('name', '=', name).execute();
  if (run_id) await sql`update ops_runs set container_removed = true where id = ${run_id}`.execute(tx);
}
