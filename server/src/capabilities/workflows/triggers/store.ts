import { sql } from 'kysely';
import type { Authority } from '../../../core/auth/authority.ts';
import type { Db } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import { keptPosition, positionTable } from '../../../core/events/kept-position/store.ts';
import { newId } from '../../../core/ids.ts';
import { storableJson } from '../../../core/storable.ts';
import type { Trigger as TriggerSpec } from '../definition/envelope.ts';

export const triggerMigrations: Migrations = {
  'workflows.0004-triggers': sqlMigration(`
    create table if not exists workflow_triggers (
      id text primary key,
      workflow text collate "C" not null,
      fingerprint text not null,
      kind text not null,
      spec jsonb not null,
      principal_id text not null,
      authority jsonb not null,
      enabled_at timestamptz not null default clock_timestamp(),
      next_at timestamptz,
      last_at timestamptz,
      last_run text,
      last_problem text
    );
    create unique index if not exists workflow_triggers_spec on workflow_triggers (workflow, fingerprint);
    create index if not exists workflow_triggers_next on workflow_triggers (next_at) where next_at is not null;
    create unique index if not exists workflow_runs_event on workflow_runs ((trigger->>'id'), (trigger->>'event_id'))
      where trigger->>'event_id' is not null;
    ${positionTable('workflow_trigger_position')}`),
};

/** Up to where events have started runs. What started one already starts no second one. */
export const triggerPosition = keptPosition('workflow_trigger_position');

export interface Trigger {
  readonly id: string;
  readonly workflow: string;
  /** What tells it from the other triggers of its workflow. */
  readonly fingerprint: string;
  readonly kind: 'schedule' | 'webhook' | 'event';
  readonly spec: TriggerSpec;
  /** As whom it acts: whoever put the workflow last. */
  readonly principal_id: string;
  readonly authority: Omit<Authority, 'principalId'>;
  /** What came before is not for it. */
  readonly enabled_at: Date;
  /** Of a schedule. */
  readonly next_at: Date | null;
  readonly last_at: Date | null;
  readonly last_run: string | null;
  readonly last_problem: string | null;
}

const json = (value: unknown) => sql<never>`${storableJson(value)}::jsonb`;

export type NewTrigger = Pick<Trigger, 'workflow' | 'fingerprint' | 'kind' | 'spec' | 'principal_id' | 'authority'> & {
  readonly next_at: Date | null;
};

/**
 * Makes these the triggers of a workflow, under `lockWorkflow`. One that stays keeps its place in time, and acts as whoever put
 * it now.
 */
export async function putTriggers(tx: Db, workflow: string, triggers: readonly NewTrigger[]): Promise<void> {
  const listening = await sql`select from workflow_triggers where kind <> 'schedule' limit 1`.execute(tx);
  // Whoever reads events holds the position, and wants the workflows whose triggers there are: with any, nobody may wait for it.
  if (listening.rows.length === 0) {
    await triggerPosition.hold(tx);
    await triggerPosition.skipToNow(tx);
  }
  await sql`
    delete from workflow_triggers where workflow = ${workflow}
      and fingerprint <> all(${triggers.map((trigger) => trigger.fingerprint)}::text[])`.execute(tx);
  for (const { fingerprint, kind, spec, principal_id, authority, next_at } of triggers) {
    await sql`
      insert into workflow_triggers (id, workflow, fingerprint, kind, spec, principal_id, authority, next_at)
      values (${newId('trg')}, ${workflow}, ${fingerprint}, ${kind}, ${json(spec)}, ${principal_id}, ${json(authority)},
        ${next_at})
      on conflict (workflow, fingerprint)
      do update set principal_id = excluded.principal_id, authority = excluded.authority`.execute(tx);
  }
}

export async function listTriggers(db: Db, workflows: readonly string[]): Promise<Trigger[]> {
  const { rows } = await sql<Trigger>`
    select * from workflow_triggers where workflow = any(${[...workflows]}::text[]) order by workflow, id`.execute(db);
  return rows;
}

/** Those that wait for events, webhooks included. */
export async function listListening(db: Db): Promise<Trigger[]> {
  const { rows } = await sql<Trigger>`select * from workflow_triggers where kind <> 'schedule' order by id`.execute(db);
  return rows;
}

/** Schedules whose time has come, the longest overdue first. */
export async function listDue(db: Db, limit: number): Promise<Trigger[]> {
  const { rows } = await sql<Trigger>`
    select * from workflow_triggers where next_at <= clock_timestamp() order by next_at limit ${limit}`.execute(db);
  return rows;
}

/** When the next schedule is due; undefined without any. */
export async function nextDue(db: Db): Promise<Date | undefined> {
  const { rows } = await sql<{ at: Date | null }>`select min(next_at) as at from workflow_triggers`.execute(db);
  return rows[0]?.at ?? undefined;
}

/** Moves a schedule on to its next time; false where somebody did, or it is gone. */
export async function moveOn(tx: Db, { id, next_at }: Trigger, next: Date | null): Promise<boolean> {
  const result = await sql`
    update workflow_triggers set next_at = ${next} where id = ${id} and next_at = ${next_at}`.execute(tx);
  return Number(result.numAffectedRows ?? 0) === 1;
}

/** Notes what came of an occasion: a run, or why there was none. */
export async function noteOccasion(
  tx: Db,
  id: string,
  came: { readonly at: Date; readonly run?: string; readonly problem?: string },
): Promise<void> {
  await sql`
    update workflow_triggers set last_at = ${came.at}, last_run = coalesce(${came.run ?? null}, last_run),
      last_problem = ${came.problem ?? null}
    where id = ${id}`.execute(tx);
}

/** Whether an event has started a run by this trigger already, before a restore. */
export async function hasStarted(tx: Db, triggerId: string, eventId: string): Promise<boolean> {
  const { rows } = await sql`
    select from workflow_runs where trigger->>'id' = ${triggerId} and trigger->>'event_id' = ${eventId}`.execute(tx);
  return rows.length > 0;
}

/** Whether there is anything to look after: a trigger, or a run that has not ended. */
export async function anythingToDo(db: Db): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (select from workflow_triggers) or exists (select from workflow_runs where ended_at is null) as found`.execute(
    db,
  );
  return rows[0]?.found ?? false;
}
