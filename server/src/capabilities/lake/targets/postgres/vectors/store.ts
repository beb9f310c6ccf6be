import { setTimeout as sleep } from 'node:timers/promises';
import { type RawBuilder, sql } from 'kysely';
import { type Db, inTransaction, lockInTransaction } from '../../../../../core/db/database.ts';
import { tableName } from '../build/store.ts';

/** The extension pgvector as a database has it. */
export interface Pgvector {
  /** Where its types are, which need not be on the search path. */
  readonly schema: string;
  /** Whether a search goes on in the index where a filter leaves too little: since 0.8. */
  readonly iterates: boolean;
}

/** Those of 0.7 and later have `halfvec`. */
const LEAST = '{0,7}';
/** So many dimensions does an index of single, and of half floats take. */
const INDEXED_SINGLE = 2000;
const INDEXED_HALF = 4000;
/** Fewer rows are compared one by one, which is exact and takes milliseconds; as in the target lance. */
const INDEXED_ROWS = 20_000;
/** As far as pgvector looks. */
const MAX_EF = 1000;
/** What a row takes in an index that is being made, besides its vector. */
const NODE_BYTES = 500;
/** What the making of an index may take; where it does not fit, it is some times slower. */
const MAX_INDEX_KB = 512 * 1024;

const numbers = (version: RawBuilder<unknown>) =>
  sql`string_to_array(substring(${version} from '^[0-9]+(?:[.][0-9]+)*'), '.')::int[]`;

/** pgvector as it is there now. */
export async function findPgvector(db: Db): Promise<Pgvector | undefined> {
  const { rows } = await sql<Pgvector>`
    select n.nspname as schema, ${numbers(sql`e.extversion`)} >= '{0,8}' as iterates
    from pg_extension e join pg_namespace n on n.oid = e.extnamespace
    where e.extname = 'vector' and ${numbers(sql`e.extversion`)} >= ${LEAST}`.execute(db);
  return rows[0];
}

/** Whether vectors can be kept in a database: pgvector is there, or at hand for this role to make. */
export async function takesVectors(db: Db): Promise<boolean> {
  if (await findPgvector(db)) return true;
  const { rows } = await sql<{ can: boolean }>`
    select exists (
      select from pg_available_extensions e
      join pg_available_extension_versions v on v.name = e.name and v.version = e.default_version
      where e.name = 'vector' and e.installed_version is null and ${numbers(sql`e.default_version`)} >= ${LEAST}
        and (current_setting('is_superuser')::boolean
          or v.trusted and has_database_privilege(current_database(), 'create'))
    ) as can`.execute(db);
  return rows[0]?.can ?? false;
}

/** pgvector, made where it was at hand only; undefined where it is not to be had. */
export async function makePgvector(db: Db): Promise<Pgvector | undefined> {
  const there = await findPgvector(db);
  if (there || !(await takesVectors(db))) return there;
  return inTransaction(db, async (tx) => {
    await lockInTransaction(tx, 'tutti.lake_index');
    await sql`create extension if not exists vector`.execute(tx);
    return findPgvector(tx);
  });
}

/** How vectors of so many dimensions are kept: half floats only where an index takes no others. */
export function vectorType({ schema }: Pgvector, dimensions: number): RawBuilder<unknown> {
  return sql`${sql.id(schema, isHalf(dimensions) ? 'halfvec' : 'vector')}(${sql.lit(dimensions)})`;
}

const isHalf = (dimensions: number) => dimensions > INDEXED_SINGLE && dimensions <= INDEXED_HALF;

/** Gives the rows of a table vectors; those that it has get none. */
export async function addVectors(tx: Db, id: string, pgvector: Pgvector, dimensions: number): Promise<void> {
  await sql`alter table ${tableName(id)}
    add column if not exists vector ${vectorType(pgvector, dimensions)}`.execute(tx);
}

/**
 * A vector in the words of pgvector; null for one without a direction, which is near to nothing. Only directions are
 * compared, so the length becomes 1: half floats end at 65,504.
 */
export function vectorText(vector: Float32Array | null): string | null {
  if (vector === null) return null;
  const length = Math.hypot(...vector);
  if (length === 0 || !Number.isFinite(length)) return null;
  return `[${Array.from(vector, (value) => Number((value / length).toPrecision(9))).join(',')}]`;
}

/**
 * Makes the index of vectors (HNSW over cosine distances) of a table with enough rows; answers whether there is one. Not in
 * a transaction: it may take minutes, for which nobody's events are to wait. One that broke off is made anew.
 */
export function indexVectors(db: Db, id: string, pgvector: Pgvector, dimensions: number, signal: AbortSignal) {
  return db.connection().execute(async (connection): Promise<boolean> => {
    if (dimensions > INDEXED_HALF) return false;
    const { rows } = await sql<{ rows: number }>`
      select count(vector) as rows from ${tableName(id)}`.execute(connection);
    const count = rows[0]?.rows ?? 0;
    if (count < INDEXED_ROWS) return false;
    const index = `${id}_vector`;
    // A session whose process was killed goes on with it; to wait for its lock here would be to wait for each other.
    while (await isIndexing(connection, id)) await sleep(200, undefined, { signal });
    const { rows: known } = await sql<{ valid: boolean }>`
      select indisvalid as valid from pg_index
      where indexrelid = to_regclass(${`lake_index.${index}`})`.execute(connection);
    if (known[0]?.valid) return true;
    if (known[0]) await sql`drop index ${sql.id('lake_index', index)}`.execute(connection);
    const wantedKb = Math.min(MAX_INDEX_KB, Math.ceil((count * (dimensions * 4 + NODE_BYTES)) / 1024));
    const kind = sql.id(pgvector.schema, isHalf(dimensions) ? 'halfvec_cosine_ops' : 'vector_cosine_ops');
    await endingWith(db, connection, signal, async () => {
      await giveRoom(connection, wantedKb);
      await sql`create index concurrently ${sql.id(index)} on ${tableName(id)} using hnsw (vector ${kind})`.execute(
        connection,
      );
      await sql`reset maintenance_work_mem`.execute(connection);
      await sql`reset max_parallel_maintenance_workers`.execute(connection);
    });
    return true;
  });
}

/** Runs `work` on a connection that ends with `signal`, in the midst of a statement if need be. */
async function endingWith(db: Db, connection: Db, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(connection);
  let ending: Promise<unknown> | undefined;
  const end = () => {
    ending = sql`select pg_terminate_backend(${rows[0]?.pid}::int)`.execute(db).catch(() => undefined);
  };
  signal.throwIfAborted();
  signal.addEventListener('abort', end, { once: true });
  try {
    await work();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', end);
    await ending;
  }
}

async function isIndexing(db: Db, id: string): Promise<boolean> {
  const { rows } = await sql`
    select from pg_stat_progress_create_index
    where datname = current_database() and relid = to_regclass(${`lake_index.${id}`})`.execute(db);
  return rows.length > 0;
}

/** Memory for making an index, for this session. Helpers would share memory that containers have little of. */
async function giveRoom(connection: Db, kb: number): Promise<void> {
  await sql`select set_config('max_parallel_maintenance_workers', '0', false),
    set_config('maintenance_work_mem', greatest(setting::bigint, ${kb}::bigint) || 'kB', false)
    from pg_settings where name = 'maintenance_work_mem'`.execute(connection);
}

/** Has searches of this transaction look at so many rows of the index at least, and at more where a filter takes them. */
export async function lookFar(tx: Db, { iterates }: Pgvector, rows: number): Promise<void> {
  await sql`select set_config('hnsw.ef_search', ${String(Math.min(rows, MAX_EF))}, true)`.execute(tx);
  if (iterates) await sql`select set_config('hnsw.iterative_scan', 'strict_order', true)`.execute(tx);
}
