import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import type { TestDatabase } from './database.ts';

/** A commit by which a workflow run goes on. */
export interface Boundary {
  /** Path of a state; else what of the run: `run`, `approval`, `job`, or `engine` for the engine's workflow of its job. */
  readonly what: string;
  /** What its status becomes. */
  readonly status: string;
  /** The how many-th time: a job runs again after each wait. */
  readonly time: number;
}

/** Commits of workflow runs, in whatever process: they are noted, and wait where the test says. */
export interface HeldCommits {
  /** All that was committed of a run, in this order. */
  of(runId: string): Promise<Boundary[]>;
  /** Holds a commit of the run that is added next; answers the number of the hold. */
  hold(boundary: Boundary): Promise<number>;
  /** The run that it is of, once that was added. */
  runOf(hold: number): Promise<string>;
  /** Whether it has come to that commit. */
  isHeld(hold: number): Promise<boolean>;
  /** Ends a hold: what waits there is committed, or lost. Whoever made it should be gone by then. */
  end(hold: number, how: 'kept' | 'lost'): Promise<void>;
  close(): Promise<void>;
}

const tables = {
  workflow_states: 'insert or update',
  workflow_runs: 'insert or update',
  workflow_approvals: 'insert or update',
  jobs: 'insert or update',
  'dbos.workflow_status': 'update',
};
/** The first half of the key of every lock that a hold is. */
const lock = 4711;

/** Deferred triggers run as the transaction commits: what they wait for, the commit waits for. */
const triggers = `
  create table committed (seq serial, run_id text, what text, status text);
  create table holds (hold serial, run_id text, what text, status text, time integer);
  create function give_hold() returns trigger language plpgsql as $$ begin
    update holds set run_id = new.id where hold = (select min(hold) from holds where run_id is null);
    return new;
  end $$;
  create trigger give_hold before insert on workflow_runs for each row execute function give_hold();
  create function at_commit() returns trigger language plpgsql as $$ declare
    now_is jsonb := to_jsonb(new);
    job text := case tg_table_name when 'jobs' then now_is->>'id' else now_is->>'workflow_uuid' end;
    is_what text := case tg_table_name when 'workflow_states' then now_is->>'path' when 'workflow_runs' then 'run'
      when 'workflow_approvals' then 'approval' when 'jobs' then 'job' else 'engine' end;
    is_status text := case when is_what in ('approval', 'job') then now_is->>'state' else now_is->>'status' end;
    of_run text := case is_what when 'run' then now_is->>'id' else now_is->>'run_id' end;
    held integer;
  begin
    if is_what in ('job', 'engine') then select id into of_run from workflow_runs where job_id = job; end if;
    if of_run is null then return null; end if;
    if tg_op = 'UPDATE' and coalesce(to_jsonb(old)->>'status', to_jsonb(old)->>'state') = is_status then return null; end if;
    insert into committed (run_id, what, status) values (of_run, is_what, is_status);
    select hold into held from holds where run_id = of_run and what = is_what and status = is_status
      and time = (select count(*) from committed as c where (c.run_id, c.what, c.status) = (of_run, is_what, is_status));
    if held is not null then perform pg_advisory_xact_lock(${lock}, held); end if;
    return null;
  end $$;
  ${Object.entries(tables)
    .map(
      ([table, changes]) => `create constraint trigger at_commit after ${changes} on ${table}
        deferrable initially deferred for each row execute function at_commit();`,
    )
    .join('\n')}`;

export async function holdCommits({ db, url }: Pick<TestDatabase, 'db' | 'url'>): Promise<HeldCommits> {
  await sql.raw(triggers).execute(db);
  const client = new pg.Client({ connectionString: url });
  // Where a test fails, the database may go before it.
  client.on('error', () => undefined);
  await client.connect();

  /** The session that waits there. */
  async function waiter(hold: number): Promise<number | undefined> {
    const { rows } = await sql<{ pid: number }>`
      select pid from pg_locks where locktype = 'advisory' and not granted and classid = ${lock} and objid = ${hold}
        and database = (select oid from pg_database where datname = current_database())`.execute(db);
    return rows[0]?.pid;
  }

  return {
    async of(runId) {
      const { rows } = await sql<Boundary>`
        select what, status, row_number() over (partition by what, status order by seq)::int as time
        from committed where run_id = ${runId} order by seq`.execute(db);
      return rows;
    },
    async hold({ what, status, time }) {
      const { rows } = await sql<{ hold: number }>`
        insert into holds (what, status, time) values (${what}, ${status}, ${time}) returning hold`.execute(db);
      const hold = rows[0]?.hold ?? 0;
      await client.query('select pg_advisory_lock($1, $2)', [lock, hold]);
      return hold;
    },
    async runOf(hold) {
      for (;;) {
        const { rows } = await sql<{ run_id: string }>`
          select run_id from holds where hold = ${hold} and run_id is not null`.execute(db);
        if (rows[0]) return rows[0].run_id;
        await sleep(10);
      }
    },
    isHeld: async (hold) => (await waiter(hold)) !== undefined,
    async end(hold, how) {
      const pid = await waiter(hold);
      await sql`delete from holds where hold = ${hold}`.execute(db);
      if (pid !== undefined && how === 'lost') await sql`select pg_terminate_backend(${pid}, 30000)`.execute(db);
      await client.query('select pg_advisory_unlock($1, $2)', [lock, hold]);
      if (pid === undefined) return;
      // Nobody reads its answer: it ends once it has committed.
      const isThere = sql`select 1 from pg_stat_activity where pid = ${pid} and state = 'active'`;
      while ((await isThere.execute(db)).rows.length > 0) await sleep(10);
    },
    close: () => client.end(),
  };
}
