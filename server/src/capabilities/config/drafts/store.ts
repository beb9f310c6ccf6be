import { type Selectable, sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import type { Bounds } from '../bound.ts';
import { immutable, immutableFunction } from '../immutable.ts';
import { within } from '../profiles/store.ts';

export const draftMigrations: Migrations = {
  'config.0006-drafts': sqlMigration(`
    ${immutableFunction}
    create table if not exists config_drafts (
      draft_id text collate "C" primary key,
      client_id text not null,
      profile text not null,
      body text not null,
      draft_hash text not null,
      changelog text not null,
      author_id text not null,
      author_name text not null,
      state text not null,
      decided_at timestamptz,
      release_id text,
      created_at timestamptz not null default clock_timestamp()
    );
    create index if not exists config_drafts_state on config_drafts (state, draft_id);
    create table if not exists config_approvals (
      draft_id text not null references config_drafts (draft_id),
      principal_id text not null,
      principal_name text not null,
      decision text not null,
      draft_hash text not null,
      policy_set_id text not null,
      payload_hash text not null,
      comment text,
      decided_at timestamptz not null default clock_timestamp(),
      primary key (draft_id, principal_id, decision, draft_hash, policy_set_id, payload_hash)
    );
    create or replace function config_draft_stays() returns trigger language plpgsql as $body$
    begin
      if tg_op = 'UPDATE' then
        if row(new.draft_id, new.client_id, new.profile, new.body, new.draft_hash, new.author_id, new.created_at)
            = row(old.draft_id, old.client_id, old.profile, old.body, old.draft_hash, old.author_id, old.created_at)
            and old.state = 'open' then
          return new;
        end if;
      end if;
      raise exception 'a draft is only ever decided, never changed or deleted' using errcode = 'restrict_violation';
    end $body$;
    create or replace trigger config_drafts_stay before update or delete on config_drafts
      for each row execute function config_draft_stays();
    create or replace trigger config_drafts_kept before truncate on config_drafts
      for each statement execute function config_immutable();
    ${immutable('config_approvals')}`),
  'config.0010-draft-retention': sqlMigration(`
    create or replace function config_draft_stays() returns trigger language plpgsql as $body$
    begin
      if tg_op = 'UPDATE' then
        if row(new.draft_id, new.client_id, new.profile, new.body, new.draft_hash, new.author_id, new.created_at)
            = row(old.draft_id, old.client_id, old.profile, old.body, old.draft_hash, old.author_id, old.created_at)
            and old.state = 'open' then
          return new;
        end if;
      elsif old.state <> 'released' then
        return old;
      end if;
      raise exception 'a draft is only ever decided, and one that was released is never changed or deleted'
        using errcode = 'restrict_violation';
    end $body$;
    create or replace function config_approval_stays() returns trigger language plpgsql as $body$
    begin
      if tg_op = 'DELETE' and not exists (
          select from config_drafts where draft_id = old.draft_id and state = 'released') then
        return old;
      end if;
      raise exception 'approvals of what was released are never changed or deleted' using errcode = 'restrict_violation';
    end $body$;
    create or replace trigger config_approvals_immutable before update or delete on config_approvals
      for each row execute function config_approval_stays();`),
};

type DraftTable = {
  draft_id: string;
  client_id: string;
  profile: string;
  /** Its canonical form; `draft_hash` is the hash of that. */
  body: string;
  draft_hash: string;
  changelog: string;
  author_id: string;
  author_name: string;
  state: 'open' | 'released' | 'rejected';
  decided_at: Date | null;
  release_id: string | null;
  created_at: Date;
};
type ApprovalTable = {
  draft_id: string;
  principal_id: string;
  principal_name: string;
  decision: 'approve' | 'reject';
  /** What was looked at: the draft, the policy that ran on it, and what came out. */
  draft_hash: string;
  policy_set_id: string;
  payload_hash: string;
  comment: string | null;
  decided_at: Date;
};
export type Draft = Selectable<DraftTable>;
export type Approval = Selectable<ApprovalTable>;

const tables = (db: Db) => db.withTables<{ config_drafts: DraftTable; config_approvals: ApprovalTable }>();
const now = sql<Date>`clock_timestamp()`;

export function findDraft(db: Db, id: string): Promise<Draft | undefined> {
  return tables(db).selectFrom('config_drafts').selectAll().where('draft_id', '=', id).executeTakeFirst();
}

/** The draft, which nobody else decides until this transaction ends. */
export function lockDraft(tx: Db, id: string): Promise<Draft | undefined> {
  return tables(tx).selectFrom('config_drafts').selectAll().where('draft_id', '=', id).forUpdate().executeTakeFirst();
}

export type NewDraft = Omit<Draft, 'state' | 'decided_at' | 'release_id' | 'created_at'>;

export function insertDraft(tx: Db, draft: NewDraft): Promise<Draft> {
  return tables(tx)
    .insertInto('config_drafts')
    .values({ ...draft, state: 'open', decided_at: null, release_id: null, created_at: now })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function decideDraft(
  tx: Db,
  id: string,
  decision: { readonly state: 'released' | 'rejected'; readonly release_id?: string },
): Promise<void> {
  const { state, release_id = null } = decision;
  await tables(tx)
    .updateTable('config_drafts')
    .set({ state, release_id, decided_at: now })
    .where('draft_id', '=', id)
    .execute();
}

/** Newest first. */
export function listDrafts(
  db: Db,
  filter: {
    readonly client_id?: string | undefined;
    readonly profile?: string | undefined;
    readonly state?: string | undefined;
    readonly bounds?: Bounds;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<Draft[]> {
  let query = tables(db)
    .selectFrom('config_drafts')
    .selectAll()
    .where(within(filter.bounds ?? [], 'config_drafts'));
  if (filter.client_id !== undefined) query = query.where('client_id', '=', filter.client_id);
  if (filter.profile !== undefined) query = query.where('profile', '=', filter.profile);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state as Draft['state']);
  if (filter.before !== undefined) query = query.where('draft_id', '<', filter.before);
  return query.orderBy('draft_id', 'desc').limit(filter.limit).execute();
}

export async function insertApproval(tx: Db, approval: Omit<Approval, 'decided_at'>): Promise<void> {
  await tables(tx)
    .insertInto('config_approvals')
    .values({ ...approval, decided_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** In the order in which they were given. */
export function listApprovals(db: Db, draft: string): Promise<Approval[]> {
  return tables(db)
    .selectFrom('config_approvals')
    .selectAll()
    .where('draft_id', '=', draft)
    .orderBy('decided_at')
    .execute();
}

/**
 * Forgets up to `limit` drafts that were never released, with their approvals: those rejected, or still open, since before a
 * time. Answers how many.
 */
export async function deleteDrafts(tx: Db, before: Date, limit: number): Promise<number> {
  const { rows } = await sql<{ draft_id: string }>`
    select draft_id from config_drafts where state <> 'released' and coalesce(decided_at, created_at) < ${before}
    order by draft_id limit ${limit} for update skip locked`.execute(tx);
  const ids = rows.map(({ draft_id }) => draft_id);
  await sql`delete from config_approvals where draft_id = any(${ids}::text[])`.execute(tx);
  await sql`delete from config_drafts where draft_id = any(${ids}::text[])`.execute(tx);
  return ids.length;
}
