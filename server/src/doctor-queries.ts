import type pg from 'pg';
import { majorOf, readMigrations } from './backup/tables.ts';
import { type DownstreamServer, downstreamServer } from './core/workflows-settings.ts';

export interface Findings {
  readonly major: number;
  /** The session that holds the directory's lock; undefined when nobody does. */
  readonly holder: string | undefined;
  readonly migrations: readonly string[];
  /** How far the database's clock is ahead of ours. */
  readonly skewS: number;
  readonly queued: number;
  readonly running: number;
  /** In the last day. */
  readonly failed: number;
  readonly inDoubt: number;
  /** Downstream servers that were added by command. */
  readonly servers: readonly DownstreamServer[];
}

/** Looks at the database of a server, by reading alone. */
export async function examineDatabase(client: pg.Client, lock: string): Promise<Findings> {
  const migrations = await readMigrations(client);
  return {
    major: await majorOf(client),
    holder: await holderOf(client, lock),
    migrations,
    skewS: await skewOf(client),
    servers: migrations.includes('workflows.0020-servers') ? await listServers(client) : [],
    ...(migrations.includes('core.0003-jobs')
      ? await countJobs(client)
      : { queued: 0, running: 0, failed: 0, inDoubt: 0 }),
  };
}

async function holderOf(client: pg.Client, lock: string): Promise<string | undefined> {
  const { rows } = await client.query<{ holder: string }>(
    `select 'database session ' || pid || ' since ' || to_char(backend_start, 'YYYY-MM-DD HH24:MI TZ') as holder
     from pg_locks join pg_stat_activity using (pid)
     where locktype = 'advisory' and granted and objsubid = 1
       and database = (select oid from pg_database where datname = current_database())
       and ((classid::bigint << 32) | objid::bigint) = hashtextextended($1, 0)`,
    [lock],
  );
  return rows[0]?.holder;
}

/** The time of the database against the middle of the time that the question took. */
async function skewOf(client: pg.Client): Promise<number> {
  const asked = Date.now();
  const { rows } = await client.query<{ ms: number }>(
    `select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`,
  );
  return ((rows[0]?.ms ?? asked) - (asked + Date.now()) / 2) / 1000;
}

async function listServers(client: pg.Client): Promise<DownstreamServer[]> {
  const { rows } = await client.query('select declaration from downstream_servers order by name');
  return rows.flatMap(({ declaration }) => downstreamServer.safeParse(declaration).data ?? []);
}

async function countJobs(client: pg.Client): Promise<Pick<Findings, 'queued' | 'running' | 'failed' | 'inDoubt'>> {
  const { rows } = await client.query(
    `select
       (select count(*)::int from jobs where finished_at is null and state = 'queued') as queued,
       (select count(*)::int from jobs where finished_at is null and state <> 'queued') as running,
       (select count(*)::int from jobs where finished_at > now() - interval '1 day' and state in ('failed', 'timed_out'))
         as failed,
       (select count(*)::int from job_calls where state = 'in_doubt') as in_doubt`,
  );
  const { queued, running, failed, in_doubt: inDoubt } = rows[0];
  return { queued, running, failed, inDoubt };
}
