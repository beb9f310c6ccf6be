import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { type Migrations, sqlMigration } from '../db/migrate.ts';
import { newId } from '../ids.ts';
import { storableJson } from '../storable.ts';
import type { Cause } from './cause.ts';
import type { NewEvent, StoredEvent } from './event.ts';
import { isAfter, logStart, type Position } from './position.ts';

export const eventMigrations: Migrations = {
  'core.0006-events': sqlMigration(`
    create table if not exists events (
      seq bigserial primary key,
      id text not null,
      type text not null,
      time timestamptz not null default clock_timestamp(),
      subject text not null,
      toolset text not null,
      owner text,
      dataset_id text,
      data jsonb not null,
      cause jsonb,
      xid xid8 not null default pg_current_xact_id()
    );
    create index if not exists events_position on events (xid, seq);
    create index if not exists events_dataset on events (dataset_id, xid, seq) where dataset_id is not null;
    create index if not exists events_time on events (time);
    alter table jobs add column if not exists cause jsonb;`),
};

/** Commits tell it on this channel. A listener may miss one: nothing may depend on it. */
export const eventChannel = 'tutti_events';

/** What `setCause` said of this transaction, as an SQL value. */
export const causeOfTransaction = sql<Cause | null>`nullif(current_setting('tutti.cause', true), '')::jsonb`;

/** Appends an event in the caller's transaction: it is there if that commits, else it never was. */
export async function appendEvent(tx: Db, event: NewEvent): Promise<void> {
  const { type, subject, toolset, owner = null, datasetId = null, data } = event;
  const cause = event.cause ? sql`${JSON.stringify(event.cause)}::jsonb` : causeOfTransaction;
  await sql`
    insert into events (id, type, subject, toolset, owner, dataset_id, data, cause)
    values (${newId('evt')}, ${type}, ${subject}, ${toolset}, ${owner}, ${datasetId},
      ${storableJson(data)}::jsonb, ${cause})
    returning pg_notify(${eventChannel}, '')`.execute(tx);
}

/** Says why this transaction does what it does from here on: its events and the jobs that it enqueues take it over. */
export async function setCause(tx: Db, cause: Cause): Promise<void> {
  await sql`select set_config('tutti.cause', ${JSON.stringify(cause)}, true)`.execute(tx);
}

/** Has what `work` does in this transaction come of a cause of its own; what follows it has again the one of before. */
export async function withCause<T>(tx: Db, cause: Cause, work: () => Promise<T>): Promise<T> {
  const { rows } = await sql<{ before: string | null }>`
    select current_setting('tutti.cause', true) as before`.execute(tx);
  await setCause(tx, cause);
  const done = await work();
  await sql`select set_config('tutti.cause', ${rows[0]?.before ?? ''}, true)`.execute(tx);
  return done;
}

/** What a transaction does about a dataset, as the cause of what comes of it: its newest event, or else what it came of. */
export async function findOwnEvent(
  tx: Db,
  datasetId: string,
): Promise<{ readonly id: string; readonly cause?: Cause } | undefined> {
  const { rows } = await sql<{ id: string | null; cause: Cause | null; own: Cause | null }>`
    select event.id, event.cause, ${causeOfTransaction} as own from (select) as always left join lateral (
      select id, cause from events where dataset_id = ${datasetId} and xid = pg_current_xact_id()
      order by seq desc limit 1) as event on true`.execute(tx);
  const { id = null, cause = null, own = null } = rows[0] ?? {};
  if (id !== null) return { id, ...(cause && { cause }) };
  return own ? { id: own.event_id, cause: own } : undefined;
}

/** Which events a reader wants. What it leaves open matches all. */
export interface EventFilter {
  readonly types?: readonly string[];
  readonly datasetId?: string;
  readonly toolsets?: readonly string[];
  /** Only events of this principal and those that are nobody's. */
  readonly owner?: string;
}

export interface EventBatch {
  readonly events: readonly StoredEvent[];
  /** Where to read on: everything before it was looked at. */
  readonly next: Position;
  /** Some event has committed already, but waits for a transaction that is older and still open. */
  readonly pending: boolean;
  /** `after` lies beyond all transactions: it is of another database, such as this one before it was restored. */
  readonly ahead: boolean;
}

type Row = {
  horizon: string;
  pending: boolean;
  ahead: boolean;
  seq: number | null;
  xid: string;
  owner: string | null;
  dataset_id: string | null;
  cause: Cause | null;
} & Pick<StoredEvent, 'id' | 'type' | 'time' | 'subject' | 'toolset' | 'data'>;

/**
 * The events after a position, in the order of their transactions, and only those of transactions older than the oldest
 * one still open: what commits later can then never come to stand before what was read.
 */
export async function readEvents(
  db: Db,
  { after, limit, filter = {} }: { readonly after: Position; readonly limit: number; readonly filter?: EventFilter },
): Promise<EventBatch> {
  const wanted = [sql`(xid, seq) > (${String(after.xid)}::xid8, ${after.seq}::bigint)`, sql`xid < log.horizon`];
  if (filter.types) wanted.push(sql`type = any(${[...filter.types]}::text[])`);
  if (filter.toolsets) wanted.push(sql`toolset = any(${[...filter.toolsets]}::text[])`);
  if (filter.datasetId !== undefined) wanted.push(sql`dataset_id = ${filter.datasetId}`);
  if (filter.owner !== undefined) wanted.push(sql`(owner is null or owner = ${filter.owner})`);
  const { rows } = await sql<Row>`
    select log.horizon::text, log.ahead, event.*,
      exists (select from events where xid >= log.horizon) as pending
    from (
      select pg_snapshot_xmin(pg_current_snapshot()) as horizon,
        ${String(after.xid)}::xid8 > pg_snapshot_xmax(pg_current_snapshot()) as ahead
    ) as log
    left join lateral (
      select seq, xid::text, id, type, time, subject, toolset, owner, dataset_id, data, cause
      from events where ${sql.join(wanted, sql` and `)} order by events.xid, seq limit ${limit}
    ) as event on true
    order by event.xid::xid8, event.seq`.execute(db);
  const [{ horizon, pending, ahead }] = rows as [Row, ...Row[]];
  const events = rows.flatMap((row) => (row.seq === null ? [] : [stored(row, row.seq)]));
  const end: Position = { xid: BigInt(horizon), seq: 0 };
  const next = events.length === limit ? (events.at(-1)?.position ?? after) : isAfter(end, after) ? end : after;
  return { events, next, pending, ahead };
}

/** The position after which come only events of transactions that are open now, or begin later. */
export async function currentPosition(db: Db): Promise<Position> {
  const { rows } = await sql<{ xid: string }>`select pg_snapshot_xmin(pg_current_snapshot())::text as xid`.execute(db);
  return { xid: BigInt(rows[0]?.xid ?? 0), seq: 0 };
}

/**
 * Whether something of these types was appended by a transaction that was open at `horizon` or began later, and where to
 * look from the next time. It sees what has committed, however old the transactions are that are still open.
 */
export async function changedSince(
  db: Db,
  horizon: string,
  types: readonly string[],
): Promise<{ changed: boolean; horizon: string }> {
  const { rows } = await sql<{ changed: boolean; horizon: string }>`
    select exists (select from events where xid >= ${horizon}::xid8 and type = any(${[...types]}::text[])) as changed,
      pg_snapshot_xmin(pg_current_snapshot())::text as horizon`.execute(db);
  return rows[0] ?? { changed: true, horizon };
}

/** Gives events that were copied from another cluster, whose count of transactions was ahead, a place in this one's. */
export async function adoptEvents(db: Db): Promise<void> {
  await sql`update events set xid = ${String(logStart.xid)}::xid8
    where exists (select from events where xid > pg_snapshot_xmax(pg_current_snapshot()))`.execute(db);
}

/** Forgets up to `limit` events from before a time; returns how many. */
export async function deleteEventsBefore(db: Db, time: Date, limit: number): Promise<number> {
  const result = await sql`
    delete from events where seq in (select seq from events where time < ${time} order by time limit ${limit})`.execute(
    db,
  );
  return Number(result.numAffectedRows ?? 0);
}

function stored({ seq: _, xid, owner, dataset_id, cause, ...row }: Row, seq: number): StoredEvent {
  const { id, type, time, subject, toolset, data } = row;
  return {
    seq,
    id,
    type,
    time,
    subject,
    toolset,
    data,
    ...(owner !== null && { owner }),
    ...(dataset_id !== null && { datasetId: dataset_id }),
    ...(cause !== null && { cause }),
    position: { xid: BigInt(xid), seq },
  };
}
