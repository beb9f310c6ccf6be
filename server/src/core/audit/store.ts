import { sql } from 'kysely';
import { encodeTime } from 'ulid';
import { type Db, lockInTransaction } from '../db/database.ts';
import { type Migrations, sqlMigration } from '../db/migrate.ts';
import type { Entry, NewEntry } from './entry.ts';
import type { Head } from './head-key.ts';

type EntryTable = Omit<Entry, 'time' | 'detail'> & { time: Date; detail: Record<string, unknown> | null };
type HeadTable = Omit<Head, 'time'> & { time: Date };
type Tables = { audit_entries: EntryTable; audit_heads: HeadTable };

export const auditMigrations: Migrations = {
  'core.0007-audit': sqlMigration(`
    create table if not exists audit_entries (
      id text primary key,
      time timestamptz not null default now(),
      principal_id text,
      principal_name text not null,
      tool text not null,
      effect text not null,
      outcome text not null,
      subject text,
      input_hmac text,
      detail jsonb,
      xid xid8 not null default pg_current_xact_id(),
      seq bigint,
      hash text
    );
    create index if not exists audit_entries_unsealed on audit_entries (xid, id) where seq is null;
    create unique index if not exists audit_entries_seq on audit_entries (seq) where seq is not null;
    create index if not exists audit_entries_principal on audit_entries (principal_id, id);
    create table if not exists audit_heads (
      seq bigint primary key,
      hash text not null,
      count bigint not null,
      time timestamptz not null,
      key_id text not null,
      signature text not null,
      checkpoint text
    );
    create index if not exists audit_heads_time on audit_heads (time);
    create index if not exists audit_heads_checkpoint on audit_heads (seq) where checkpoint is not null;`),
};

const tables = (db: Db) => db.withTables<Tables>();
const iso = (column: string) =>
  sql<string>`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

const entries = (db: Db) =>
  tables(db)
    .selectFrom('audit_entries')
    .select(['id', 'principal_id', 'principal_name', 'tool', 'effect', 'outcome', 'subject', 'input_hmac', 'detail'])
    .select(['seq', 'hash', iso('time').as('time'), sql<string>`xid::text`.as('xid')]);

const heads = (db: Db) =>
  tables(db)
    .selectFrom('audit_heads')
    .select(['seq', 'hash', 'count', 'key_id', 'signature', 'checkpoint', iso('time').as('time')]);

/** Adds an entry; in the transaction of the effect that it tells of, if there was one. */
export async function insertEntry(tx: Db, id: string, entry: NewEntry): Promise<void> {
  const { principal_id, principal_name, tool, effect, outcome, subject, input_hmac } = entry;
  const detail = entry.detail === null ? null : JSON.stringify(entry.detail);
  await sql`
    insert into audit_entries (id, time, principal_id, principal_name, tool, effect, outcome, subject, input_hmac, detail)
    values (${id}, clock_timestamp(), ${principal_id}, ${principal_name}, ${tool}, ${effect}, ${outcome}, ${subject},
      ${input_hmac}, ${detail}::jsonb)`.execute(tx);
}

export interface EntryFilter {
  /** Only entries of this principal; undefined for one who sees all. */
  readonly owner?: string | undefined;
  /** Tools whose entries it sees of others as well. */
  readonly audited?: readonly string[] | undefined;
  /** Name or id of a principal. */
  readonly principal?: string | undefined;
  readonly tool?: string | undefined;
  readonly outcome?: string | undefined;
  readonly subject?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  /** Only entries before the one of this id. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** How far the clock that made an id may be from the one of the database. */
const skewMs = 60_000;

/** The first id of about that time: ids sort by time, so that a range of times is found by the primary key. */
function idAt(time: Date, shiftMs: number): string {
  const ms = Math.min(Math.max(0, time.getTime() + shiftMs), 2 ** 48 - 1);
  return `aud_${encodeTime(ms).toLowerCase()}`;
}

/** Newest first. */
export function listEntries(db: Db, filter: EntryFilter): Promise<Entry[]> {
  const { owner, audited = [], principal, tool, outcome, subject, since, until, before } = filter;
  let query = entries(db);
  if (owner !== undefined) {
    query = query.where((where) =>
      where.or([where('principal_id', '=', owner), where('tool', 'in', [...audited, ''])]),
    );
  }
  if (principal !== undefined) {
    query = query.where((where) =>
      where.or([where('principal_name', '=', principal), where('principal_id', '=', principal)]),
    );
  }
  if (tool !== undefined) query = query.where('tool', '=', tool);
  if (outcome !== undefined) query = query.where('outcome', '=', outcome);
  if (subject !== undefined) query = query.where('subject', '=', subject);
  if (since !== undefined)
    query = query.where('audit_entries.time', '>=', since).where('id', '>=', idAt(since, -skewMs));
  if (until !== undefined) query = query.where('audit_entries.time', '<', until).where('id', '<', idAt(until, skewMs));
  if (before !== undefined) query = query.where('id', '<', before);
  return query.orderBy('id', 'desc').limit(filter.limit).execute();
}

/**
 * Committed entries that bear no seal, in the order of their transactions. Those of transactions that may still commit
 * something older wait; a transaction id from the future was restored from another cluster, and waits for nothing.
 */
const sealable = sql<boolean>`seq is null and (xid < pg_snapshot_xmin(pg_current_snapshot())
  or xid >= pg_snapshot_xmax(pg_current_snapshot()))`;

export function findUnsealed(db: Db, limit: number): Promise<Entry[]> {
  return entries(db).where(sealable).orderBy('audit_entries.xid').orderBy('id').limit(limit).execute();
}

/** How many entries bear no seal though they are older than a time, and the first of them. */
export async function countUnsealed(db: Db, before: Date): Promise<{ count: number; first: string | null }> {
  return tables(db)
    .selectFrom('audit_entries')
    .select([sql<number>`count(*)`.as('count'), sql<string | null>`min(id)`.as('first')])
    .where('seq', 'is', null)
    .where('time', '<', before)
    .executeTakeFirstOrThrow();
}

/** Takes the right to seal until the transaction ends; false when another process has it. */
export async function trySealing(tx: Db): Promise<boolean> {
  const { rows } = await sql<{ held: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended('["tutti.audit"]', 0)) as held`.execute(tx);
  return rows[0]?.held ?? false;
}

/** Waits for the right to seal, which ends with the transaction. */
export function lockSealing(tx: Db): Promise<void> {
  return lockInTransaction(tx, 'tutti.audit');
}

export async function putSeals(tx: Db, seals: readonly { id: string; seq: number; hash: string }[]): Promise<void> {
  await sql`
    update audit_entries set seq = seal.seq, hash = seal.hash
    from unnest(${seals.map((seal) => seal.id)}::text[], ${seals.map((seal) => seal.seq)}::bigint[],
      ${seals.map((seal) => seal.hash)}::text[]) as seal (id, seq, hash)
    where audit_entries.id = seal.id`.execute(tx);
}

export async function insertHead(tx: Db, head: Head): Promise<void> {
  const { seq, hash, count, time, key_id, signature } = head;
  await tables(tx)
    .insertInto('audit_heads')
    .values({ seq, hash, count, time: sql<Date>`${time}::timestamptz`, key_id, signature, checkpoint: null })
    .execute();
}

/** The end of the chain: the last head, or the last sealed entry should its head be gone. */
export async function findEnd(db: Db): Promise<{ seq: number; hash: string } | undefined> {
  const { rows } = await sql<{ seq: number; hash: string }>`
    select seq, hash from (
      (select seq, hash, 1 as rank from audit_heads order by seq desc limit 1) union all
      (select seq, hash, 2 as rank from audit_entries where seq is not null order by seq desc limit 1)
    ) as ends order by seq desc, rank limit 1`.execute(db);
  return rows[0];
}

export function findLastHead(db: Db): Promise<Head | undefined> {
  return heads(db).orderBy('seq', 'desc').limit(1).executeTakeFirst();
}

export function findHead(db: Db, seq: number): Promise<Head | undefined> {
  return heads(db).where('seq', '=', seq).executeTakeFirst();
}

/** The head from which on the chain is kept: everything before it was removed on purpose. */
export function findCheckpoint(db: Db): Promise<Head | undefined> {
  return heads(db).where('checkpoint', 'is not', null).orderBy('seq', 'desc').limit(1).executeTakeFirst();
}

/** The last head that was made before a time. */
export function findHeadBefore(db: Db, time: Date): Promise<Head | undefined> {
  return heads(db).where('audit_heads.time', '<', time).orderBy('seq', 'desc').limit(1).executeTakeFirst();
}

export async function markCheckpoint(tx: Db, seq: number, checkpoint: string): Promise<void> {
  await tables(tx).updateTable('audit_heads').set({ checkpoint }).where('seq', '=', seq).execute();
}

/** Removes at most `limit` sealed entries up to a place; answers how many. */
export async function deleteEntries(db: Db, upTo: number, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from audit_entries where seq in (
      select seq from audit_entries where seq <= ${upTo} order by seq limit ${limit})`.execute(db);
  return Number(numAffectedRows ?? 0);
}

export async function deleteHeads(db: Db, below: number): Promise<void> {
  await tables(db).deleteFrom('audit_heads').where('seq', '<', below).execute();
}

/** Sealed entries behind a place, in order. */
export function sealedAfter(db: Db, seq: number, limit: number): Promise<Entry[]> {
  return entries(db).where('seq', '>', seq).orderBy('seq').limit(limit).execute();
}

/** Heads from a place on, in order. */
export function headsAfter(db: Db, seq: number, limit: number): Promise<Head[]> {
  return heads(db).where('seq', '>', seq).orderBy('seq').limit(limit).execute();
}

/** Runs `work` on one unchanging picture of the database. */
export function inSnapshot<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute((tx) => work(tx));
}
