import { sql } from 'kysely';
import { type Db, lockInTransaction } from '../db/database.ts';
import { type Migrations, sqlMigration } from '../db/migrate.ts';
import { appendEvent } from '../events/store.ts';
import { deliveryTables } from './deliveries/tables.ts';
import { toWebhook, type Webhook, webhookSubject } from './webhook.ts';

export const webhookMigrations: Migrations = {
  'core.0030-webhooks': sqlMigration(`
    create table if not exists webhooks (
      id text primary key,
      name text not null,
      direction text not null,
      principal_id text not null,
      authority jsonb not null,
      url text,
      types text[],
      dataset_id text,
      verify text,
      secret text,
      enabled boolean not null,
      disabled_reason text,
      enabled_at timestamptz not null default clock_timestamp(),
      failing_since timestamptz,
      created_at timestamptz not null default clock_timestamp(),
      updated_at timestamptz not null default clock_timestamp()
    );
    create index if not exists webhooks_principal on webhooks (principal_id, id);
    create table if not exists webhook_receipts (
      webhook_id text not null references webhooks (id) on delete cascade,
      message text not null,
      received_at timestamptz not null default clock_timestamp(),
      primary key (webhook_id, message)
    );
    create index if not exists webhook_receipts_time on webhook_receipts (received_at);
    ${deliveryTables}`),
};

type Tables = { webhooks: Webhook };
const webhooks = (db: Db) => db.withTables<Tables>().selectFrom('webhooks').selectAll();
const json = (value: unknown) => sql<never>`${JSON.stringify(value)}::jsonb`;
const texts = (value: readonly string[] | null) => sql<null>`${value === null ? null : [...value]}::text[]`;
const now = sql<Date>`clock_timestamp()`;

export function findWebhook(db: Db, id: string): Promise<Webhook | undefined> {
  return webhooks(db).where('id', '=', id).executeTakeFirst();
}

/** The webhook, which nobody else changes until this transaction ends. */
export function lockWebhook(tx: Db, id: string): Promise<Webhook | undefined> {
  return webhooks(tx).where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
}

export interface WebhookFilter {
  /** Only those of this principal; undefined for one who sees all. */
  readonly owner: string | undefined;
  readonly direction?: string | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Newest first. */
export function listWebhooks(db: Db, { owner, direction, before, limit }: WebhookFilter): Promise<Webhook[]> {
  let query = webhooks(db);
  if (owner !== undefined) query = query.where('principal_id', '=', owner);
  if (direction !== undefined) query = query.where('direction', '=', direction);
  if (before !== undefined) query = query.where('id', '<', before);
  return query.orderBy('id', 'desc').limit(limit).execute();
}

/** The webhooks that are switched on and send. None of them can be removed before the transaction ends. */
export function lockSending(tx: Db): Promise<Webhook[]> {
  return webhooks(tx).where('direction', '=', 'out').where('enabled', '=', true).forKeyShare().execute();
}

/** Whether there is anything to send to. */
export async function anySending(db: Db): Promise<boolean> {
  const query = webhooks(db).where('direction', '=', 'out').where('enabled', '=', true);
  return (await query.limit(1).executeTakeFirst()) !== undefined;
}

/** How many a principal has. Who asks next for the same principal waits until this transaction ends. */
export async function countWebhooks(tx: Db, principalId: string): Promise<number> {
  await lockInTransaction(tx, 'tutti.webhooks', principalId);
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from webhooks where principal_id = ${principalId}`.execute(tx);
  return rows[0]?.count ?? 0;
}

export type NewWebhook = Omit<Webhook, 'created_at' | 'updated_at' | 'enabled_at' | 'failing_since'>;

/** Makes the webhook or replaces the one of its id, and says so. `restart`: only events from now on are for it. */
export async function saveWebhook(tx: Db, webhook: NewWebhook, restart: boolean): Promise<Webhook> {
  const { id, authority, types, ...plain } = webhook;
  const values = { ...plain, authority: json(authority), types: texts(types) };
  const row = await tx
    .withTables<Tables>()
    .insertInto('webhooks')
    .values({ id, ...values, enabled_at: now, failing_since: null, created_at: now, updated_at: now })
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet({ ...values, updated_at: now, ...(restart && { enabled_at: now, failing_since: null }) }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
  await appendUpdate(tx, row);
  return row;
}

/** Switches a webhook off for a reason of the server's own, and says so. */
export async function disableWebhook(tx: Db, id: string, reason: string): Promise<void> {
  const row = await tx
    .withTables<Tables>()
    .updateTable('webhooks')
    .set({ enabled: false, disabled_reason: reason, updated_at: now })
    .where('id', '=', id)
    .where('enabled', '=', true)
    .returningAll()
    .executeTakeFirst();
  if (row) await appendUpdate(tx, row);
}

/** Notes whether the last attempt succeeded; answers since when none has. */
export async function markFailing(db: Db, id: string, failing: boolean): Promise<Date | null> {
  const since = failing ? sql<Date>`coalesce(failing_since, clock_timestamp())` : null;
  const row = await db
    .withTables<Tables>()
    .updateTable('webhooks')
    .set({ failing_since: since })
    .where('id', '=', id)
    .returning('failing_since')
    .executeTakeFirst();
  return row?.failing_since ?? null;
}

/** Removes a webhook with all that was kept of its deliveries, and says so. */
export async function deleteWebhook(tx: Db, webhook: Webhook): Promise<void> {
  await tx.withTables<Tables>().deleteFrom('webhooks').where('id', '=', webhook.id).execute();
  await appendUpdate(tx, webhook, 'webhook.deleted');
}

/** Keeps a webhook from being deleted until the transaction ends; false when it is gone. */
export async function holdWebhook(tx: Db, id: string): Promise<boolean> {
  const { rows } = await sql`select 1 from webhooks where id = ${id} for key share`.execute(tx);
  return rows.length === 1;
}

/** Notes a message down; false when it came before, within so many seconds. A concurrent twin waits for this transaction. */
export async function takeReceipt(tx: Db, webhookId: string, message: string, withinS: number): Promise<boolean> {
  const result = await sql`
    insert into webhook_receipts (webhook_id, message) values (${webhookId}, ${message})
    on conflict (webhook_id, message) do update set received_at = clock_timestamp()
    where webhook_receipts.received_at < clock_timestamp() - make_interval(secs => ${withinS})`.execute(tx);
  return Number(result.numAffectedRows ?? 0) === 1;
}

export async function deleteReceiptsBefore(db: Db, time: Date): Promise<number> {
  const result = await sql`delete from webhook_receipts where received_at < ${time}`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}

async function appendUpdate(tx: Db, row: Webhook, type = 'webhook.updated'): Promise<void> {
  const data = toWebhook(row);
  await appendEvent(tx, { type, subject: webhookSubject(row.id), toolset: 'system', owner: row.principal_id, data });
}
