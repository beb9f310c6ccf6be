import { sql } from 'kysely';
import type { Db, Sql } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import { appendEvent } from '../../../core/events/store.ts';
import { newId } from '../../../core/ids.ts';
import { storableJson } from '../../../core/storable.ts';
import type { Payload } from '../runs/run.ts';

export const approvalMigrations: Migrations = {
  'workflows.0003-approvals': sqlMigration(`
    create table if not exists workflow_approvals (
      id text primary key,
      run_id text not null references workflow_runs (id) on delete cascade,
      path text not null,
      generation integer not null,
      workflow text not null,
      owner text not null,
      message text not null,
      fields jsonb,
      approvers text[] not null default '{}',
      state text not null default 'pending',
      expires_at timestamptz not null,
      created_at timestamptz not null default clock_timestamp(),
      decided_by text,
      decided_at timestamptz,
      decision jsonb
    );
    create unique index if not exists workflow_approvals_place on workflow_approvals (run_id, path, generation);
    create index if not exists workflow_approvals_pending on workflow_approvals (id) where state = 'pending';`),
  'workflows.0011-approval-tries': sqlMigration(`
    alter table workflow_approvals add column if not exists tries integer not null default 0;
    alter table workflow_approvals add column if not exists sealed jsonb;
    drop index if exists workflow_approvals_place;
    create unique index if not exists workflow_approvals_try on workflow_approvals (run_id, path, generation, tries);`),
};

export type ApprovalState = 'pending' | 'approved' | 'rejected' | 'expired' | 'withdrawn';

export interface Decision {
  /** What was given for the fields. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly comment?: string;
  /** resolve_approval, or elicitation: the client's own human was asked. */
  readonly through: string;
  /** Values and comment, where what was asked is sealed. */
  readonly sealed?: Payload;
}

export interface Approval {
  readonly id: string;
  readonly run_id: string;
  readonly path: string;
  readonly generation: number;
  /** How often `Retry` had the state begin anew: each time it asks anew. */
  readonly tries: number;
  readonly workflow: string;
  /** Of the run. */
  readonly owner: string;
  readonly message: string;
  /** A flat JSON Schema of an object; null for none. */
  readonly fields: Readonly<Record<string, unknown>> | null;
  /** Names or ids of principals; empty: whoever may write. */
  readonly approvers: readonly string[];
  readonly state: ApprovalState;
  readonly expires_at: Date;
  readonly created_at: Date;
  readonly decided_by: string | null;
  readonly decided_at: Date | null;
  readonly decision: Decision | null;
  /** Message and fields, where a sensitive state asks; words that say so stand in their place. */
  readonly sealed: Payload | null;
}

export type NewApproval = Pick<
  Approval,
  | 'run_id'
  | 'path'
  | 'generation'
  | 'tries'
  | 'workflow'
  | 'owner'
  | 'message'
  | 'fields'
  | 'approvers'
  | 'expires_at'
  | 'sealed'
>;

/** Which of the approvals of a run. */
type Place = Pick<Approval, 'path' | 'generation' | 'tries'>;

const json = (value: unknown) => sql<never>`${storableJson(value)}::jsonb`;

/** Asks for an approval, and says so; the one that was asked for at this place before stays. */
export async function openApproval(tx: Db, asked: NewApproval): Promise<void> {
  const { rows } = await sql<Approval>`
    insert into workflow_approvals (id, run_id, path, generation, tries, workflow, owner, message, fields, approvers,
      expires_at, sealed)
    values (${newId('apr')}, ${asked.run_id}, ${asked.path}, ${asked.generation}, ${asked.tries}, ${asked.workflow},
      ${asked.owner}, ${asked.message}, ${asked.fields && json(asked.fields)}, ${[...asked.approvers]}::text[],
      ${asked.expires_at}, ${asked.sealed && json(asked.sealed)})
    on conflict (run_id, path, generation, tries) do nothing returning *`.execute(tx);
  if (rows[0]) await told(tx, rows[0], 'workflow.approval_requested');
}

export async function findApproval(db: Db, id: string): Promise<Approval | undefined> {
  return (await sql<Approval>`select * from workflow_approvals where id = ${id}`.execute(db)).rows[0];
}

/** The approval, which nobody else resolves until the transaction ends. */
export async function lockApproval(tx: Db, id: string): Promise<Approval | undefined> {
  return (await sql<Approval>`select * from workflow_approvals where id = ${id} for update`.execute(tx)).rows[0];
}

const at = (runId: string, { path, generation, tries }: Place) =>
  sql`run_id = ${runId} and path = ${path} and generation = ${generation} and tries = ${tries}`;

export async function findApprovalAt(db: Db, runId: string, place: Place): Promise<Approval | undefined> {
  return (await sql<Approval>`select * from workflow_approvals where ${at(runId, place)}`.execute(db)).rows[0];
}

/** What a run waits for somebody to approve, oldest first. */
export async function pendingOf(db: Db, runId: string): Promise<Approval[]> {
  const { rows } = await sql<Approval>`
    select * from workflow_approvals where run_id = ${runId} and state = 'pending' order by id`.execute(db);
  return rows;
}

/** Resolves one that is pending, and says so; undefined when it is not. */
export async function decideApproval(
  tx: Db,
  id: string,
  state: 'approved' | 'rejected',
  decidedBy: string,
  decision: Decision,
): Promise<Approval | undefined> {
  const { rows } = await sql<Approval>`
    update workflow_approvals set state = ${state}, decided_by = ${decidedBy}, decided_at = clock_timestamp(),
      decision = ${json(decision)}
    where id = ${id} and state = 'pending' and expires_at > clock_timestamp() returning *`.execute(tx);
  if (rows[0]) await told(tx, rows[0], 'workflow.approval_resolved');
  return rows[0];
}

/** Ends one that nobody resolved in time; answers it as it is then: somebody may have been faster. */
export async function expireApproval(tx: Db, id: string): Promise<Approval | undefined> {
  const { rows } = await sql<Approval>`
    update workflow_approvals set state = 'expired' where id = ${id} and state = 'pending' returning *`.execute(tx);
  if (rows[0]) await told(tx, rows[0], 'workflow.approval_resolved');
  return rows[0] ?? (await findApproval(tx, id));
}

/** Ends all that a run still asks for: it ended. */
export async function withdrawApprovals(tx: Db, runId: string): Promise<void> {
  await withdraw(tx, sql`run_id = ${runId}`);
}

/** Ends one that a state still asks for: its run goes another way. */
export async function withdrawApproval(tx: Db, runId: string, place: Place): Promise<void> {
  await withdraw(tx, at(runId, place));
}

async function withdraw(tx: Db, which: Sql): Promise<void> {
  const { rows } = await sql<Approval>`
    update workflow_approvals set state = 'withdrawn' where ${which} and state = 'pending' returning *`.execute(tx);
  for (const row of rows) await told(tx, row, 'workflow.approval_resolved');
}

export interface ApprovalFilter {
  /** Only those that this principal may see; undefined for one who sees all. */
  readonly seenBy: { readonly id: string; readonly name: string } | undefined;
  readonly state?: string | undefined;
  readonly runId?: string | undefined;
}

/** Newest first. */
export async function listApprovals(
  db: Db,
  { seenBy, state, runId }: ApprovalFilter,
  page: { readonly before?: string | undefined; readonly limit: number },
): Promise<Approval[]> {
  const conditions = [sql`true`];
  if (seenBy) {
    conditions.push(sql`(owner = ${seenBy.id} or approvers = '{}'
      or approvers && ${[seenBy.id, seenBy.name]}::text[])`);
  }
  if (state !== undefined) conditions.push(sql`state = ${state}`);
  if (runId !== undefined) conditions.push(sql`run_id = ${runId}`);
  if (page.before !== undefined) conditions.push(sql`id < ${page.before}`);
  const { rows } = await sql<Approval>`
    select * from workflow_approvals where ${sql.join(conditions, sql` and `)} order by id desc limit ${page.limit}`.execute(
    db,
  );
  return rows;
}

/** The event is for all who may read workflows, for each of them may be the one to resolve it: it tells nothing of the content. */
async function told(tx: Db, row: Approval, type: string): Promise<void> {
  await appendEvent(tx, {
    type,
    subject: `workflow-approval:${row.id}`,
    toolset: 'workflows',
    data: {
      approval_id: row.id,
      run_id: row.run_id,
      workflow: row.workflow,
      state: row.state,
      expires_at: row.expires_at.toISOString(),
    },
  });
}
