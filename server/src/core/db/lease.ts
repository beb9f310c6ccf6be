import pg from 'pg';
import type { Logger } from '../log.ts';
import type { Connection } from './database.ts';
import { type Migrations, sqlMigration } from './migrate.ts';

export const leaseMigrations: Migrations = {
  'core.0004-executors': sqlMigration(`
    create table if not exists executors (
      id text primary key,
      heartbeat_at timestamptz not null
    );`),
};

/**
 * Liveness. Each process holds a session lock for its executor id on a connection of its own: when the process dies, the
 * lock is free at once and another process, polling each second, takes over. A process that hangs keeps its lock, so its
 * heartbeat counts too: past `deadAfterMs` its session is ended first.
 */
export interface LeaseSettings {
  readonly connection: Connection;
  readonly executorId: string;
  readonly deadAfterMs: number;
  readonly log: Logger;
  /** The lease is gone: stop all handlers now, others may run their jobs already. */
  onLost(): void;
  /** This executor is dead or was cut off; put its jobs back into their queues. */
  recover(executorId: string): Promise<void>;
  /** Once a second while the lease holds. */
  onTick(): Promise<void>;
  /** Some job was asked to stop. */
  onNotify(): void;
}

export interface Lease {
  /** Gives the lease up. Jobs still marked as ours are taken over by the next process. */
  release(): Promise<void>;
}

const tickMs = 1000;
const lockKey = `hashtextextended('tutti.executor:' || $1, 0)`;

export async function holdLease(settings: LeaseSettings): Promise<Lease> {
  const { executorId, deadAfterMs, log } = settings;
  let client: pg.Client | undefined;
  let released = false;
  let everHeld = false;
  let ticking: Promise<void> = Promise.resolve();

  await acquire();
  const timer = setInterval(() => {
    ticking = ticking.then(tick).catch((error: unknown) => log.warn({ error }, 'the lease was not renewed'));
  }, tickMs);

  return {
    async release() {
      released = true;
      clearInterval(timer);
      await ticking;
      // Jobs that were handed over are found by what the engine says of them.
      await client?.query('delete from executors where id = $1', [executorId]).catch(() => undefined);
      await client?.end().catch(() => undefined);
    },
  };

  async function acquire(): Promise<void> {
    const fresh = new pg.Client({
      ...settings.connection,
      keepAlive: true,
      keepAliveInitialDelayMillis: 2000,
      query_timeout: deadAfterMs,
      connectionTimeoutMillis: deadAfterMs,
      application_name: `tutti ${executorId}`,
    });
    fresh.on('error', () => lose(fresh));
    fresh.on('end', () => lose(fresh));
    fresh.on('notification', () => settings.onNotify());
    try {
      await fresh.connect();
      const { rows } = await fresh.query(`select pg_try_advisory_lock(${lockKey}) as held`, [executorId]);
      if (!rows[0].held) throw new Error('the former session still holds the lock');
      await fresh.query(
        `insert into executors (id, heartbeat_at) values ($1, now())
         on conflict (id) do update set heartbeat_at = now()`,
        [executorId],
      );
      await fresh.query('listen tutti_jobs');
    } catch (error) {
      await fresh.end().catch(() => undefined);
      throw error;
    }
    client = fresh;
    if (everHeld) {
      log.info('the lease is back');
      await settings.recover(executorId);
    }
    everHeld = true;
    await takeOver(fresh);
  }

  function lose(from: pg.Client): void {
    if (client !== from || released) return;
    client = undefined;
    log.warn('the lease is lost: stopping what runs here');
    settings.onLost();
    from.end().catch(() => undefined);
  }

  async function tick(): Promise<void> {
    if (released) return;
    if (!client) return acquire();
    const held = client;
    try {
      await held.query('update executors set heartbeat_at = now() where id = $1', [executorId]);
      await takeOver(held);
    } catch (error) {
      lose(held);
      throw error;
    }
    await settings.onTick();
  }

  /**
   * Takes over from whoever is dead. Executors are found by their own rows and by what the engine says they run: one whose
   * row was taken away while it was cut off may have begun more before it died.
   */
  async function takeOver(held: pg.Client): Promise<void> {
    const { rows } = await held.query<{ id: string; stale: boolean }>(
      `select id, heartbeat_at < now() - make_interval(secs => $2) as stale from executors where id <> $1
       union all
       select distinct executor_id, false from dbos.workflow_status
       where status = 'PENDING' and executor_id <> $1 and executor_id not in (select id from executors)`,
      [executorId, deadAfterMs / 1000],
    );
    for (const { id, stale } of rows) {
      if (stale) await endSession(held, id);
      const { rows: lock } = await held.query(`select pg_try_advisory_lock(${lockKey}) as held`, [id]);
      if (!lock[0].held) continue;
      try {
        log.warn({ executor: id }, 'taking over the jobs of a dead executor');
        await settings.recover(id);
        await held.query('delete from executors where id = $1', [id]);
      } finally {
        await held.query(`select pg_advisory_unlock(${lockKey})`, [id]);
      }
    }
  }

  /** Ends the session that holds an executor's lock, whoever that is by now. */
  async function endSession(held: pg.Client, id: string): Promise<void> {
    await held.query(
      `select pg_terminate_backend(pid) from pg_locks
       where locktype = 'advisory' and granted and objsubid = 1
         and database = (select oid from pg_database where datname = current_database())
         and ((classid::bigint << 32) | objid::bigint) = ${lockKey}`,
      [id],
    );
  }
}
