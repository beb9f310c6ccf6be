import { type Selectable, sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import { storableJson } from '../../../core/storable.ts';
import type { ObjectReject } from '../jobs/target.ts';

type RejectTable = {
  job_id: string;
  dataset_id: string;
  /** In the order of the steps that found them; not without gaps. */
  position: number;
  object_key: string;
  line: number | null;
  column_name: string | null;
  reason: string;
  text: string;
};
type Tables = { lake_rejects: RejectTable };

export type RejectRow = Selectable<RejectTable>;

/** Rows of one job that are kept; its counters tell of all. */
const keptRejects = 10_000;

export const rejectMigrations: Migrations = {
  'lake.0005-rejects': sqlMigration(`
    create table if not exists lake_rejects (
      job_id text not null references jobs (id) on delete cascade,
      dataset_id text not null,
      position bigint not null,
      object_key text not null,
      line bigint,
      column_name text,
      reason text not null,
      text text not null,
      primary key (job_id, position)
    );
    create index if not exists lake_rejects_dataset on lake_rejects (dataset_id, job_id desc, position);`),
};

const tables = (db: Db) => db.withTables<Tables>();

/** Keeps the rejects of one step of a job, as long as it has room for them. Repeating a step's adds nothing. */
export async function insertRejects(
  db: Db,
  of: { readonly jobId: string; readonly datasetId: string; readonly step: number },
  rejects: readonly ObjectReject[],
): Promise<void> {
  if (rejects.length === 0) return;
  const first = of.step * keptRejects;
  const rows = rejects.slice(0, keptRejects).map((reject, index) => ({ ...reject, position: first + index }));
  await sql`
    insert into lake_rejects (job_id, dataset_id, position, object_key, line, column_name, reason, text)
    select ${of.jobId}, ${of.datasetId}, position, object_key, line, "column", reason, text
    from jsonb_to_recordset(${storableJson(rows)}::jsonb)
      as reject (position bigint, object_key text, line bigint, "column" text, reason text, text text)
    order by position
    limit greatest(0, ${keptRejects} - (select count(*) from lake_rejects where job_id = ${of.jobId} and position < ${first}))
    on conflict do nothing`.execute(db);
}

/** Gives the rejects of a job that broke off to the one that goes on with its work. */
export async function moveRejects(tx: Db, from: string, to: string): Promise<void> {
  await tables(tx).updateTable('lake_rejects').set({ job_id: to }).where('job_id', '=', from).execute();
}

export interface RejectFilter {
  readonly jobId?: string | undefined;
  readonly datasetId?: string | undefined;
  readonly objectKey?: string | undefined;
  readonly reason?: string | undefined;
  /** The reject after which to begin. */
  readonly after?: { readonly job_id: string; readonly position: number } | undefined;
  readonly limit: number;
}

/** By job, the newest first, each in the order of its steps. */
export function listRejects(db: Db, filter: RejectFilter): Promise<RejectRow[]> {
  let query = tables(db).selectFrom('lake_rejects').selectAll();
  if (filter.jobId !== undefined) query = query.where('job_id', '=', filter.jobId);
  if (filter.datasetId !== undefined) query = query.where('dataset_id', '=', filter.datasetId);
  if (filter.objectKey !== undefined) query = query.where('object_key', '=', filter.objectKey);
  if (filter.reason !== undefined) query = query.where('reason', '=', filter.reason);
  const { after } = filter;
  if (after) {
    query = query.where((where) =>
      where.or([
        where('job_id', '<', after.job_id),
        where.and([where('job_id', '=', after.job_id), where('position', '>', after.position)]),
      ]),
    );
  }
  return query.orderBy('job_id', 'desc').orderBy('position').limit(filter.limit).execute();
}
