import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { keptPosition } from '../../events/kept-position/store.ts';
import type { Attempt, Delivery, DeliveryWithAttempts, KeptAttempt } from './delivery.ts';

type Tables = { webhook_deliveries: Delivery; webhook_attempts: KeptAttempt & { delivery_id: string } };
const tables = (db: Db) => db.withTables<Tables>();

const shownAttempts = 10;
/** Up to where events have become deliveries. What became one already becomes no second one. */
const position = keptPosition('webhook_position');
export const { find: findPosition, advance: advancePosition, settle: settlePosition } = position;

/** Before the first webhook sends: what came until now is for none. Nobody reads on until this transaction ends. */
export async function skipToNow(tx: Db): Promise<void> {
  await position.hold(tx);
  const { rows } = await sql`select from webhooks where direction = 'out' and enabled limit 1`.execute(tx);
  if (rows.length === 0) await position.skipToNow(tx);
}

export type NewDelivery = Pick<
  Delivery,
  'id' | 'webhook_id' | 'event_id' | 'type' | 'subject' | 'toolset' | 'owner' | 'cause' | 'body'
>;

/** Adds deliveries in this order, each event once a webhook. */
export async function insertDeliveries(tx: Db, deliveries: readonly NewDelivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  const values = deliveries.map((one) => ({ ...one, cause: sql<never>`${JSON.stringify(one.cause)}::jsonb` }));
  await tables(tx)
    .insertInto('webhook_deliveries')
    .values(values as never)
    .onConflict((conflict) => conflict.columns(['webhook_id', 'event_id']).doNothing())
    .execute();
}

/** The webhooks for which something is due, leaving some out. */
export async function findDueWebhooks(db: Db, without: readonly string[], limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from webhooks where direction = 'out' and enabled and id <> all(${[...without]}::text[])
      and exists (select from webhook_deliveries where webhook_id = webhooks.id and state = 'pending'
        and due_at <= clock_timestamp())
    order by random() limit ${limit}`.execute(db);
  return rows.map((row) => row.id);
}

/** What is to be sent next to a webhook, in order. */
export async function findDue(db: Db, webhookId: string, limit: number): Promise<Delivery[]> {
  return tables(db)
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('webhook_id', '=', webhookId)
    .where('state', '=', 'pending')
    .where('due_at', '<=', sql<Date>`clock_timestamp()`)
    .orderBy('due_at')
    .orderBy('seq')
    .limit(limit)
    .execute();
}

/** Writes down what an attempt came to. `waitS`: seconds until the next one, where the delivery has not ended. */
export async function recordAttempt(
  db: Db,
  id: string,
  attempt: Attempt,
  state: string,
  waitS?: number,
): Promise<void> {
  const { ms, status, error, response } = attempt;
  const due = waitS === undefined ? sql`due_at` : sql`clock_timestamp() + make_interval(secs => ${waitS})`;
  const ended = waitS === undefined ? sql`clock_timestamp()` : sql`null`;
  await sql`
    with delivery as (
      update webhook_deliveries
      set state = ${state}, tries = tries + 1, attempts = attempts + 1, due_at = ${due}, ended_at = ${ended}
      where id = ${id} and state = 'pending' returning id, attempts
    )
    insert into webhook_attempts (delivery_id, n, ms, status, error, response)
    select id, attempts, ${ms}::integer, ${status}::integer, ${error}::text, ${response}::text from delivery`.execute(
    db,
  );
}

/** Ends a delivery without an attempt: its owner may not see the event any more. */
export async function withhold(db: Db, id: string): Promise<void> {
  await sql`
    update webhook_deliveries set state = 'withheld', ended_at = clock_timestamp()
    where id = ${id} and state = 'pending'`.execute(db);
}

export function findDelivery(db: Db, id: string): Promise<Delivery | undefined> {
  return tables(db).selectFrom('webhook_deliveries').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Begins a new round of attempts, at once. */
export async function redeliver(tx: Db, id: string): Promise<void> {
  await sql`
    update webhook_deliveries set state = 'pending', tries = 0, due_at = clock_timestamp(), ended_at = null
    where id = ${id}`.execute(tx);
}

export interface DeliveryFilter {
  readonly toolsets: readonly string[];
  /** Only those of this principal's webhooks and of events that it may see; undefined for one who sees all. */
  readonly owner: string | undefined;
  readonly webhook_id?: string | undefined;
  readonly state?: string | undefined;
  readonly type?: string | undefined;
  readonly event_id?: string | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Begins anew for all that failed or was withheld since a time, of what the filter lets through; answers how many. */
export async function redeliverFailed(tx: Db, webhookId: string, since: Date, filter: DeliverySight): Promise<number> {
  const result = await sql`
    update webhook_deliveries set state = 'pending', tries = 0, due_at = clock_timestamp(), ended_at = null
    where webhook_id = ${webhookId} and state in ('failed', 'withheld') and created_at >= ${since}
      and ${seenBy(filter)}`.execute(tx);
  return Number(result.numAffectedRows ?? 0);
}

export type DeliverySight = Pick<DeliveryFilter, 'toolsets' | 'owner'>;

const seenBy = ({ toolsets, owner }: DeliverySight) =>
  owner === undefined
    ? sql<boolean>`toolset = any(${[...toolsets]}::text[])`
    : sql<boolean>`toolset = any(${[...toolsets]}::text[]) and (owner is null or owner = ${owner})
        and webhook_id in (select id from webhooks where principal_id = ${owner})`;

/** Newest first, each with its last attempts. */
export async function listDeliveries(db: Db, filter: DeliveryFilter): Promise<DeliveryWithAttempts[]> {
  let query = tables(db)
    .selectFrom('webhook_deliveries')
    .select(['seq', 'id', 'webhook_id', 'event_id', 'type', 'subject', 'toolset', 'owner', 'state', 'tries'])
    .select(['attempts', 'due_at', 'created_at', 'ended_at'])
    .where(seenBy(filter));
  if (filter.webhook_id !== undefined) query = query.where('webhook_id', '=', filter.webhook_id);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  if (filter.type !== undefined) query = query.where('type', '=', filter.type);
  if (filter.event_id !== undefined) query = query.where('event_id', '=', filter.event_id);
  if (filter.before !== undefined) query = query.where('seq', '<', filter.before);
  const rows = await query.orderBy('seq', 'desc').limit(filter.limit).execute();
  const attempts = await tables(db)
    .selectFrom('webhook_attempts')
    .innerJoin('webhook_deliveries', 'webhook_deliveries.id', 'webhook_attempts.delivery_id')
    .select(['delivery_id', 'n', 'time', 'ms', 'status', 'error', 'response'])
    .where('delivery_id', '=', sql<string>`any(${rows.map((row) => row.id)}::text[])`)
    .where(sql<boolean>`n > attempts - ${shownAttempts}`)
    .orderBy('n')
    .execute();
  const kept = Map.groupBy(attempts, (attempt) => attempt.delivery_id);
  return rows.map((row) => ({ ...row, kept: kept.get(row.id) ?? [] }));
}

/** Forgets up to `limit` deliveries from before a time, whatever became of them; answers how many. */
export async function deleteDeliveriesBefore(db: Db, time: Date, limit: number): Promise<number> {
  const result = await sql`
    delete from webhook_deliveries where seq in (
      select seq from webhook_deliveries where created_at < ${time} order by created_at limit ${limit})`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}
