import { positionTable } from '../../events/kept-position/store.ts';

export const deliveryTables = `${positionTable('webhook_position')}
    create table if not exists webhook_deliveries (
      seq bigserial primary key,
      id text not null unique,
      webhook_id text not null references webhooks (id) on delete cascade,
      event_id text not null,
      type text not null,
      subject text not null,
      toolset text not null,
      owner text,
      cause jsonb not null,
      body text not null,
      state text not null default 'pending',
      tries integer not null default 0,
      attempts integer not null default 0,
      due_at timestamptz not null default clock_timestamp(),
      created_at timestamptz not null default clock_timestamp(),
      ended_at timestamptz,
      unique (webhook_id, event_id)
    );
    create index if not exists webhook_deliveries_due on webhook_deliveries (webhook_id, due_at, seq)
      where state = 'pending';
    create index if not exists webhook_deliveries_newest on webhook_deliveries (webhook_id, seq);
    create index if not exists webhook_deliveries_time on webhook_deliveries (created_at);
    create table if not exists webhook_attempts (
      delivery_id text not null references webhook_deliveries (id) on delete cascade,
      n integer not null,
      time timestamptz not null default clock_timestamp(),
      ms integer not null,
      status integer,
      error text,
      response text,
      primary key (delivery_id, n)
    );`;
