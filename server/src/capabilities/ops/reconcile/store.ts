import { sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';
import type { ContainerRow } from '../containers/store.ts';

/** A container that was noted down before it was made, with the job that it is for. */
export interface KnownContainer extends ContainerRow {
  /** Public id, owner and image of the job; null where it is for none. */
  readonly job_name: string | null;
  readonly principal_id: string | null;
  readonly image: string | null;
  /** Nobody needs it any more. */
  readonly unneeded: boolean;
}

const known = sql`select c.*, r.name as job_name, r.principal_id, r.image,
    (c.state = 'ended' or (c.run_id is not null and (j.id is null or j.finished_at is not null))) as unneeded
  from ops_containers c left join ops_runs r on r.id = c.run_id left join jobs j on j.id = c.run_id`;

/** Those of these containers that this installation made and still knows. */
export async function listKnownContainers(db: Db, names: readonly string[]): Promise<KnownContainer[]> {
  if (names.length === 0) return [];
  return (await sql<KnownContainer>`${known} where c.name = any(${[...names]}::text[])`.execute(db)).rows;
}

/** Containers that were made on other engines than this one, or on any, as the database knows them. */
export async function listContainersBeside(db: Db, engine: string | undefined): Promise<KnownContainer[]> {
  const others = engine === undefined ? sql`true` : sql`c.engine <> ${engine}`;
  return (await sql<KnownContainer>`${known} where c.container_id is not null and ${others}`.execute(db)).rows;
}

/** Gives a container up that waits for a job; false where one has it by now. */
export async function giveUpParked(tx: Db, name: string): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update ops_containers set state = 'ended' where name = ${name} and run_id is null`.execute(tx);
  return numAffectedRows > 0n;
}

export interface ContainerFigures {
  readonly bound: number;
  readonly parked: number;
  readonly unneeded: number;
}

/** How many containers of an engine are bound to jobs, wait for one, and wait to be removed. */
export async function countContainers(db: Db, engine: string): Promise<ContainerFigures> {
  const { rows } = await sql<ContainerFigures>`
    select count(*) filter (where not unneeded and run_id is not null)::int as bound,
      count(*) filter (where not unneeded and run_id is null)::int as parked,
      count(*) filter (where unneeded)::int as unneeded
    from (${known} where c.engine = ${engine}) as known`.execute(db);
  return rows[0] ?? { bound: 0, parked: 0, unneeded: 0 };
}
