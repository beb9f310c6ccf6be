import { type Selectable, sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';

type ContainerTable = {
  /** Of the container too: `tutti-<ulid>`. */
  name: string;
  engine: string;
  kind: string;
  /** `bound` to a job, or `ended`: to be removed. */
  state: string;
  /** Of its processes; no two live containers of an engine share one. */
  uid: number;
  container_id: string | null;
  run_id: string | null;
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
  container: Pick<ContainerRow, 'name' | 'engine' | 'kind' | 'run_id' | 'expires_at'>,
): Promise<ContainerRow> {
  for (;;) {
    const row = await tables(tx)
      .insertInto('ops_containers')
      .values({
        ...container,
        state: 'bound',
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

/** Gives a job's container up: whoever reaches its engine removes it. */
export async function endContainerOf(tx: Db, runId: string): Promise<void> {
  await tables(tx).updateTable('ops_containers').set({ state: 'ended' }).where('run_id', '=', runId).execute();
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

/** Forgets a container that is gone. */
export async function deleteContainer(tx: Db, { name, run_id }: ContainerRow): Promise<void> {
  await tables(tx).deleteFrom('ops_containers').where('name', '=', name).execute();
  if (run_id) await sql`update ops_runs set container_removed = true where id = ${run_id}`.execute(tx);
}
