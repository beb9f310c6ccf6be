import { type RawBuilder, sql } from 'kysely';
import { type Db, inTransaction, lockInTransaction } from '../../../../../core/db/database.ts';
import { createChecksum } from '../../../engine/checksum.ts';
import type { IndexRows } from '../../../engine/index-protocol.ts';
import type { ColumnType, EngineColumn } from '../../../engine/protocol.ts';
import type { Cell } from '../../../engine/values.ts';

/** Nothing outside is in these names: a table is called by the id of its build, its data columns `c0…cn`. */
export const tableName = (id: string) => sql.id('lake_index', id);
export const columnName = (at: number) => sql.id(`c${at}`);
const vectorName = sql.id('vector');

/** The vectors of rows as texts, and the type of their column. */
export interface VectorCells {
  readonly texts: readonly (string | null)[];
  readonly type: RawBuilder<unknown>;
}

/** Words beyond this are not searched: PostgreSQL takes at most 1 MiB of them in a row. */
const SEARCHED_CHARS = 200_000;
const VERIFIED_ROWS = 20_000;

const sqlTypes: Readonly<Record<ColumnType, string>> = {
  string: 'text collate "C"',
  json: 'text',
  number: 'double precision',
  integer: 'bigint',
  boolean: 'boolean',
  date: 'timestamptz',
  timestamp: 'timestamptz',
};

/** Makes the place of all builds in a database that has none yet. */
export function prepareSchema(db: Db): Promise<void> {
  return inTransaction(db, async (tx) => {
    await lockInTransaction(tx, 'tutti.lake_index');
    await sql`create schema if not exists lake_index`.execute(tx);
    await sql`create table if not exists lake_index.builds (
      id text primary key,
      step integer not null,
      result jsonb,
      created_at timestamptz not null default now()
    )`.execute(tx);
  });
}

/** Whether builds can be made in a database, be it that their schema is to be made. */
export async function takesTables(db: Db): Promise<boolean> {
  const { rows } = await sql<{ can: boolean }>`
    select coalesce(has_schema_privilege(to_regnamespace('lake_index')::oid, 'create'),
      has_database_privilege(current_database(), 'create')) as can`.execute(db);
  return rows[0]?.can ?? false;
}

/** How many steps of a build are done; undefined when it is not there. */
export async function findBuild(db: Db, id: string): Promise<number | undefined> {
  const { rows } = await sql<{ step: number }>`
    select step from lake_index.builds where id = ${id} and to_regclass(${`lake_index.${id}`}) is not null`.execute(db);
  return rows[0]?.step;
}

/**
 * An empty table, or a copy of that of another build. What an attempt before left under its name goes. `more` gives it
 * columns that others know of, before it is copied.
 */
export function createBuild(
  db: Db,
  id: string,
  columns: readonly EngineColumn[],
  base: string | undefined,
  more?: (tx: Db) => Promise<void>,
) {
  return inTransaction(db, async (tx) => {
    await sql`drop table if exists ${tableName(id)}`.execute(tx);
    const own = columns.map(({ type }, at) => sql`, ${columnName(at)} ${sql.raw(sqlTypes[type])}`);
    await sql`create table ${tableName(id)} (
      id_hash bytea primary key,
      id text not null,
      object_key text collate "C" not null,
      object_hash bigint not null,
      line bigint,
      ordinal bigint not null,
      text text not null,
      words tsvector not null
      ${sql.join(own, sql``)}
    )`.execute(tx);
    // What a column is called outside is a comment: whoever looks at the table finds it there.
    for (const [at, { name }] of columns.entries())
      await sql`comment on column ${sql.id('lake_index', id, `c${at}`)} is ${sql.lit(storable(name))}`.execute(tx);
    await more?.(tx);
    if (base !== undefined) await sql`insert into ${tableName(id)} select * from ${tableName(base)}`.execute(tx);
    await sql`insert into lake_index.builds (id, step) values (${id}, 0)
      on conflict (id) do update set step = 0, result = null`.execute(tx);
  });
}

/**
 * Runs `work` as the step behind `done` others, in one transaction with the note that it ran: when it ran before, though
 * nobody wrote it down, its result is answered again. Undefined when the build is not at this step.
 */
export function runOnce<T>(db: Db, id: string, done: number, work: (tx: Db) => Promise<T>): Promise<T | undefined> {
  return inTransaction(db, async (tx) => {
    const { rows } = await sql<{ step: number; result: T }>`
      select step, result from lake_index.builds where id = ${id} for update`.execute(tx);
    if (rows[0]?.step === done + 1) return rows[0].result;
    if (rows[0]?.step !== done) return undefined;
    const result = await work(tx);
    await sql`update lake_index.builds set step = ${done + 1}, result = ${JSON.stringify(result)}::jsonb
      where id = ${id}`.execute(tx);
    return result;
  });
}

export async function deleteObjects(tx: Db, id: string, keys: readonly string[]): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from ${tableName(id)} where object_key = any(${keys as string[]}::text[])`.execute(tx);
  return Number(numAffectedRows ?? 0);
}

/** Adds rows, each id once; one of an id that is there is replaced unless the object's key comes before. Counts the new ones. */
export async function insertRows(
  tx: Db,
  id: string,
  columns: readonly EngineColumn[],
  rows: IndexRows & { readonly idHashes: readonly Buffer[] },
  language: string,
  vectors?: VectorCells,
): Promise<number> {
  const names = [
    ...['id_hash', 'id', 'object_key', 'object_hash', 'line', 'ordinal', 'text', 'words'].map((name) => sql.id(name)),
    ...columns.map((_, at) => columnName(at)),
    ...(vectors ? [vectorName] : []),
  ];
  const lists: RawBuilder<unknown>[] = [
    sql`${rows.idHashes}::bytea[]`,
    sql`${rows.ids}::text[]`,
    sql`${rows.keys}::text[]`,
    sql`${rows.hashes}::bigint[]`,
    sql`${rows.lines}::bigint[]`,
    sql`${rows.ordinals}::bigint[]`,
    sql`${rows.texts.map(storable)}::text[]`,
    ...columns.map(({ type }, at) => listOf(type, rows.cells[at] as readonly Cell[])),
    ...(vectors ? [sql`${vectors.texts}::text[]`] : []),
  ];
  const given = columns.map((column, at) => readingOf(column, at));
  if (vectors) given.push(sql`${vectorName}::${vectors.type}`);
  const replaced = names.slice(1).map((name) => sql`${name} = excluded.${name}`);
  const { rows: counted } = await sql<{ inserted: number }>`
    with put as (
      insert into ${tableName(id)} as t (${sql.join(names)})
      select id_hash, id, object_key, object_hash, line, ordinal, text,
        to_tsvector(${language}::regconfig, left(text, ${SEARCHED_CHARS}::int)) ${sql.join(
          given.map((one) => sql`, ${one}`),
          sql``,
        )}
      from unnest(${sql.join(lists)}) as given
        (id_hash, id, object_key, object_hash, line, ordinal, text ${sql.join(
          names.slice(8).map((name) => sql`, ${name}`),
          sql``,
        )})
      on conflict (id_hash) do update set ${sql.join(replaced)} where excluded.object_key >= t.object_key
      returning (xmax = 0) as fresh
    )
    select count(*) filter (where fresh) as inserted from put`.execute(tx);
  return counted[0]?.inserted ?? 0;
}

function listOf(type: ColumnType, cells: readonly Cell[]): RawBuilder<unknown> {
  if (type === 'string' || type === 'json')
    return sql`${cells.map((cell) => (cell === null ? null : storable(String(cell))))}::text[]`;
  if (type === 'date' || type === 'timestamp') return sql`${cells}::double precision[]`;
  return sql`${cells}::${sql.raw(sqlTypes[type])}[]`;
}

function readingOf({ type }: EngineColumn, at: number): RawBuilder<unknown> {
  return type === 'date' || type === 'timestamp' ? sql`to_timestamp(${columnName(at)} / 1000)` : sql`${columnName(at)}`;
}

/** A text without what PostgreSQL cannot hold. */
function storable(text: string): string {
  return text.replaceAll('\0', '\ufffd');
}

/** Makes what searching and the removal of objects need. */
export async function indexBuild(tx: Db, id: string): Promise<void> {
  await sql`create index if not exists ${sql.id(`${id}_words`)} on ${tableName(id)} using gin (words)`.execute(tx);
  await sql`create index if not exists ${sql.id(`${id}_keys`)} on ${tableName(id)} (object_key)`.execute(tx);
  await sql`analyze ${tableName(id)}`.execute(tx);
}

/** Counts the rows and adds up their checksum, some thousands at a time. */
export async function stateOfBuild(db: Db, id: string, withChecksum: boolean, signal: AbortSignal) {
  const { rows: counted } = await sql<{ rows: number }>`select count(*) as rows from ${tableName(id)}`.execute(db);
  const rows = counted[0]?.rows ?? 0;
  if (!withChecksum) return { rows };
  const checksum = createChecksum();
  for (let after: Buffer = Buffer.alloc(0); ; ) {
    signal.throwIfAborted();
    const { rows: page } = await sql<{ id_hash: Buffer; id: string; object: string; ordinal: number }>`
      select id_hash, id, object_hash::text as object, ordinal from ${tableName(id)}
      where id_hash > ${after} order by id_hash limit ${VERIFIED_ROWS}`.execute(db);
    for (const row of page) checksum.add(row.id, BigInt(row.object), row.ordinal);
    const last = page.at(-1);
    if (!last) return { rows, checksum: checksum.value() };
    after = last.id_hash;
  }
}

/** Removes a build; nothing happens when it is gone, or there never was one in this database. */
export async function dropBuild(db: Db, id: string): Promise<void> {
  await sql`drop table if exists ${tableName(id)}`.execute(db);
  const { rows } = await sql`select where to_regclass('lake_index.builds') is not null`.execute(db);
  if (rows.length > 0) await sql`delete from lake_index.builds where id = ${id}`.execute(db);
}
