import { sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import type { Bounds } from '../bound.ts';
import { within } from '../profiles/store.ts';

export const inventoryMigrations: Migrations = {
  'config.0008-reports': sqlMigration(`
    create table if not exists config_reports (
      client_id text not null,
      profile text not null,
      fingerprint text not null,
      artifact_id text not null,
      applied_at timestamptz not null,
      result text not null,
      reported_at timestamptz not null default clock_timestamp(),
      primary key (client_id, profile, fingerprint)
    );
    create index if not exists config_reports_time on config_reports (reported_at);`),
};

type ReportTable = {
  client_id: string;
  profile: string;
  /** A keyed hash of what the client said: it cannot be told whose it is, nor followed to another profile. */
  fingerprint: string;
  artifact_id: string;
  applied_at: Date;
  result: string;
  reported_at: Date;
};

const tables = (db: Db) => db.withTables<{ config_reports: ReportTable }>();

/** Keeps the last report of a client; one that was applied before it changes nothing. */
export async function putReport(tx: Db, report: Omit<ReportTable, 'reported_at'>): Promise<void> {
  const { artifact_id, applied_at, result } = report;
  const reported_at = sql<Date>`clock_timestamp()`;
  await tables(tx)
    .insertInto('config_reports')
    .values({ ...report, reported_at })
    .onConflict((conflict) =>
      conflict
        .columns(['client_id', 'profile', 'fingerprint'])
        .doUpdateSet({ artifact_id, applied_at, result, reported_at })
        .whereRef('config_reports.applied_at', '<=', sql`excluded.applied_at`),
    )
    .execute();
}

export interface InventoryCount {
  readonly client_id: string;
  readonly profile: string;
  readonly artifact_id: string;
  /** Null for an artifact that is not ours. */
  readonly version: string | null;
  readonly result: string;
  readonly clients: number;
}

export interface InventoryFilter {
  readonly client_id?: string | undefined;
  readonly profile?: string | undefined;
  readonly bounds: Bounds;
  readonly limit: number;
}

/** How many clients last reported what, by client, profile, artifact and result. */
export async function countReports(
  db: Db,
  { client_id, profile, bounds, limit }: InventoryFilter,
): Promise<InventoryCount[]> {
  const { rows } = await sql<InventoryCount>`
    select r.client_id, r.profile, r.artifact_id, a.version, r.result, count(*) as clients
    from config_reports r left join config_artifacts a using (artifact_id)
    where ${within(bounds, 'r')} and (${client_id ?? null}::text is null or r.client_id = ${client_id ?? null})
      and (${profile ?? null}::text is null or r.profile = ${profile ?? null})
    group by 1, 2, 3, 4, 5 order by 1, 2, 6 desc, 3, 5 limit ${limit}`.execute(db);
  return rows;
}

/** Forgets reports from before a time; answers how many. */
export async function deleteReports(db: Db, before: Date): Promise<number> {
  const result = await sql`delete from config_reports where reported_at < ${before}`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}
