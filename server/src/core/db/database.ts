import { setTimeout as sleep } from 'node:timers/promises';
import {
  CompiledQuery,
  Kysely,
  type KyselyPlugin,
  PostgresDialect,
  type RawBuilder,
  sql,
  type Transaction,
} from 'kysely';
import pg from 'pg';
import { AppError, readOnlyServer } from '../errors.ts';
import type { Logger } from '../log.ts';
import { storageFull } from '../room.ts';
import { endHungConnections } from './hung.ts';

/** The database. A slice names its own tables with `db.withTables<…>()`; a transaction is a `Db` too. */
// biome-ignore lint/complexity/noBannedTypes: no table belongs to everybody
export type Db = Kysely<{}>;

/** A statement, or a piece of one, that a store made. */
export type Sql<Row = unknown> = RawBuilder<Row>;

export interface Database {
  readonly db: Db;
  readonly connection: Connection;
  /** How many connections the pool has, how many of them are idle, and how many callers wait for one. */
  readonly pool: () => { readonly open: number; readonly idle: number; readonly waiting: number };
  close(): Promise<void>;
}

/** Where PostgreSQL is: a URL, or the socket directory and password of the embedded one. */
export type Connection =
  | { readonly connectionString: string }
  | { readonly host: string; readonly user: string; readonly password: string; readonly database: string };

/** How long a caller waits for a connection, be it that none is free or that none can be made. */
const connectMs = 10_000;

// Sums and counts come back as numbers: none of ours passes 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** Opens a pool. Idle connections close, so that an idle server is small. */
export function openDatabase(connection: Connection, log: Logger, options: { max: number } = { max: 16 }): Database {
  const pool = createPool(connection, log, options.max);
  // biome-ignore lint/complexity/noBannedTypes: see Db
  const db = new Kysely<{}>({ dialect: new PostgresDialect({ pool }), plugins: [] as KyselyPlugin[] });
  const counts = () => ({ open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount });
  return { db, connection, pool: counts, close: () => db.destroy() };
}

export function createPool(connection: Connection & { options?: string }, log: Logger, max: number): pg.Pool {
  const pool = new pg.Pool({
    ...connection,
    max,
    idleTimeoutMillis: 10_000,
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
  });
  endHungConnections(pool, connection, log);
  // Without a listener the loss of a connection ends the process: of one that is idle through the pool, of one that is in
  // use through itself, whose user sees its query fail as well.
  pool.on('error', (error) => log.debug({ error: error.message }, 'an idle database connection was lost'));
  pool.on('connect', (client) => {
    client.on('error', (error) => {
      if (!pool.ending) log.warn({ error: error.message }, 'a database connection was lost');
    });
  });
  return pool;
}

/** Resolves when the database answers; rejects when it does not within `ms`. */
export async function ping(db: Db, ms = 5000): Promise<void> {
  const late = sleep(ms, true, { ref: false });
  const answer = sql`select 1`.execute(db).then(() => false);
  answer.catch(() => undefined); // nobody waits for it any more when it is late
  if (await Promise.race([answer, late])) throw new Error('the database does not answer');
}

/** Runs `work` in one transaction: all of it commits, or nothing. */
export function inTransaction<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  // biome-ignore lint/complexity/noBannedTypes: see Db
  return db.transaction().execute((tx: Transaction<{}>) => work(tx));
}

/**
 * Has the statements of `work` join by hash or merge, in this transaction. For sets that may both be large: statistics from
 * when a table was empty say that it still is, and the planner then goes through all pairs.
 */
export async function withoutNestedLoops(tx: Db, work: () => Promise<unknown>): Promise<void> {
  await sql`set local enable_nestloop = off`.execute(tx);
  await work();
  await sql`set local enable_nestloop to default`.execute(tx);
}

/** A transaction as the bare client that other libraries want: `query` of the same connection. */
export function asPgClient(tx: Db): pg.ClientBase {
  const query = async (text: string, values: unknown[] = []) => {
    const result = await tx.executeQuery(CompiledQuery.raw(text, values));
    return { rows: result.rows, rowCount: Number(result.numAffectedRows ?? result.rows.length) };
  };
  return { query } as unknown as pg.ClientBase;
}

/** Waits for a lock that ends with the transaction. Two callers with the same words queue. */
export async function lockInTransaction(tx: Db, ...words: readonly string[]): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${JSON.stringify(words)}, 0))`.execute(tx);
}

/** Waits for a lock of `lockInTransaction`, together with all others who only share it. */
export async function shareLockInTransaction(tx: Db, ...words: readonly string[]): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(hashtextextended(${JSON.stringify(words)}, 0))`.execute(tx);
}

/** Takes such a lock if it is free now; answers whether it was. Whoever does not wait holds nobody up. */
export async function tryLockInTransaction(tx: Db, ...words: readonly string[]): Promise<boolean> {
  const ask = sql<{ held: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${JSON.stringify(words)}, 0)) as held`;
  return (await ask.execute(tx)).rows[0]?.held ?? false;
}

/**
 * Runs `work` while no other process runs work under the same name on this database. It asks for the lock again and again:
 * a session that waits inside PostgreSQL would hold up a `create index concurrently` of the one that has the lock.
 */
export function withSessionLock<T>(db: Db, name: string, work: () => Promise<T>): Promise<T> {
  return db.connection().execute(async (connection) => {
    const ask = sql<{ held: boolean }>`select pg_try_advisory_lock(hashtextextended(${name}, 0)) as held`;
    while (!(await ask.execute(connection)).rows[0]?.held) await sleep(50);
    try {
      return await work();
    } finally {
      await sql`select pg_advisory_unlock(hashtextextended(${name}, 0))`.execute(connection);
    }
  });
}

/** PostgreSQL's code for a change in a transaction that only reads, as all of a replica do. */
const readOnlyTransaction = '25006';

/** The error for a caller whose work met a database that is away or only read, or a full disk; any other failure as it is. */
export function asUnavailable(error: unknown): unknown {
  if (isStorageFull(error)) return storageFull(error);
  if ((error as { code?: unknown } | undefined)?.code === readOnlyTransaction) return readOnlyServer(error);
  if (!isConnectionLoss(error)) return error;
  return new AppError(
    'UNAVAILABLE',
    'The database is away just now; whether a change was made is not known.',
    'Try again in a moment, with the same idempotency_key if you gave one.',
    undefined,
    { cause: error },
  );
}

/** Whether a failure means that a file system or a quota is full: of the database (53100), or of this process. */
function isStorageFull(error: unknown): boolean {
  return ['53100', 'ENOSPC', 'EDQUOT'].includes(String((error as { code?: unknown } | undefined)?.code));
}

/** Whether a failure means that the database was away, not that it refused: the same work may be tried again. */
export function isConnectionLoss(error: unknown): boolean {
  const { code, message, syscall, routine } = (error ?? {}) as Record<string, unknown>;
  // Class 53: it has no room, no memory or no connection left.
  if (typeof code === 'string' && /^(08|53|57P0)/.test(code)) return true;
  if (routine === 'CheckMyDatabase') return true; // it takes no connections for now
  if (syscall === 'connect' && (code === 'ECONNREFUSED' || code === 'ENOENT' || code === 'ECONNRESET')) return true;
  if ((syscall === 'read' || syscall === 'write') && (code === 'ECONNRESET' || code === 'EPIPE')) return true;
  return (
    typeof message === 'string' &&
    /^Connection terminated|^timeout exceeded when trying to connect|Client has encountered a connection error/.test(
      message,
    )
  );
}
