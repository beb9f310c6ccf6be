import { type Selectable, sql } from 'kysely';
import type { Principal } from '../../../core/auth/principal.ts';
import { type Db, lockInTransaction } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import type { ErrorEnvelope } from '../../../core/errors.ts';
import { storableJson } from '../../../core/storable.ts';
import type { NetworkKind } from './compose/networks.ts';
import type { Limits } from './compose/policy.ts';

export const sandboxMigrations: Migrations = {
  'ops.0010-sandboxes': sqlMigration(`
    create table if not exists ops_sandboxes (
      id text primary key,
      name text not null,
      principal_id text not null,
      engine text not null,
      template text not null,
      definition jsonb not null,
      directory text not null,
      path text,
      compose_sha256 text,
      status text not null,
      services jsonb not null default '[]',
      job_id text,
      error jsonb,
      output text,
      idle_s integer not null,
      expires_at timestamptz not null,
      created_at timestamptz not null default now(),
      started_at timestamptz,
      last_used_at timestamptz not null default now()
    );
    create unique index if not exists ops_sandboxes_name on ops_sandboxes (name);
    create unique index if not exists ops_sandboxes_directory on ops_sandboxes (engine, directory);
    create index if not exists ops_sandboxes_principal on ops_sandboxes (principal_id, id);
    create table if not exists ops_snapshots (
      id text primary key,
      principal_id text not null,
      engine text not null,
      sandbox text not null,
      sandbox_id text not null,
      service text not null,
      image text not null,
      image_id text,
      size_bytes bigint,
      note text,
      created_at timestamptz not null default now()
    );
    create index if not exists ops_snapshots_principal on ops_snapshots (principal_id, id);`),
  'ops.0031-sandbox-disk': sqlMigration(`
    alter table ops_sandboxes add column if not exists disk_mb integer not null default 4096,
      add column if not exists disk_bytes bigint, add column if not exists volume_bytes bigint;`),
};

/** What a sandbox was made of: its template as it was then, with the choices of its maker, and no generated value. */
export interface Definition {
  readonly compose: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly generated: readonly string[];
  readonly capabilities: Readonly<Record<string, readonly string[]>>;
  /** What its maker may have, as it was then. */
  readonly limits: Limits;
  /** Whether its services may reach what is outside. */
  readonly egress: boolean;
  readonly networks: Readonly<Record<string, NetworkKind>>;
}

export interface ServiceFact {
  readonly name: string;
  readonly image: string;
  /** What it may take. */
  readonly memory_mb: number;
  readonly cpus: number;
  readonly pids: number;
}

type SandboxTable = {
  id: string;
  /** Unique over all principals. */
  name: string;
  principal_id: string;
  engine: string;
  template: string;
  definition: Definition;
  /** Its name below the directory of all sandboxes, on the machine of its engine. */
  directory: string;
  path: string | null;
  /** Of the document that was made; null before. */
  compose_sha256: string | null;
  status: string;
  services: ServiceFact[];
  /** The job that works on it; null when none does. */
  job_id: string | null;
  error: ErrorEnvelope['error'] | null;
  /** What compose said last. */
  output: string | null;
  /** What its volumes and containers may hold. */
  disk_mb: number;
  /** What they held as they were last measured, and its volumes alone; null before. */
  disk_bytes: number | null;
  volume_bytes: number | null;
  idle_s: number;
  expires_at: Date;
  created_at: Date;
  started_at: Date | null;
  last_used_at: Date;
};

type SnapshotTable = {
  id: string;
  principal_id: string;
  engine: string;
  sandbox: string;
  sandbox_id: string;
  service: string;
  image: string;
  /** Null until it is made. */
  image_id: string | null;
  size_bytes: number | null;
  note: string | null;
  created_at: Date;
};

type Tables = { ops_sandboxes: SandboxTable; ops_snapshots: SnapshotTable };

export type SandboxRow = Selectable<SandboxTable>;
export type SnapshotRow = Selectable<SnapshotTable>;

const json = (value: unknown) => sql<never>`${storableJson(value)}::jsonb`;
const tables = (db: Db) => db.withTables<Tables>();

export type NewSandbox = Pick<
  SandboxTable,
  | 'id'
  | 'name'
  | 'principal_id'
  | 'engine'
  | 'template'
  | 'definition'
  | 'directory'
  | 'services'
  | 'disk_mb'
  | 'idle_s'
  | 'expires_at'
>;

/** Adds a sandbox that is to be made; false when its name or directory is taken. */
export async function insertSandbox(tx: Db, sandbox: NewSandbox): Promise<boolean> {
  const now = new Date();
  const added = await tables(tx)
    .insertInto('ops_sandboxes')
    .values({
      ...sandbox,
      definition: json(sandbox.definition),
      services: json(sandbox.services),
      status: 'creating',
      created_at: now,
      last_used_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return added.numInsertedOrUpdatedRows === 1n;
}

export function findSandbox(db: Db, id: string): Promise<SandboxRow | undefined> {
  return tables(db).selectFrom('ops_sandboxes').selectAll().where('id', '=', id).executeTakeFirst();
}

export function findSandboxByName(db: Db, name: string): Promise<SandboxRow | undefined> {
  return tables(db).selectFrom('ops_sandboxes').selectAll().where('name', '=', name).executeTakeFirst();
}

/** Sandboxes that a principal may see, newest first, from those after `after` on. */
export function listSandboxes(
  db: Db,
  principal: Principal,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<SandboxRow[]> {
  let query = tables(db).selectFrom('ops_sandboxes').selectAll();
  if (!principal.admin) query = query.where('principal_id', '=', principal.id);
  if (after !== undefined) query = query.where('id', '<', after);
  return query.orderBy('id', 'desc').limit(limit).execute();
}

/** How many sandboxes a principal has. Until the transaction ends nobody else counts them, so that twins do not both fit. */
export async function countSandboxes(tx: Db, principalId: string): Promise<number> {
  await lockInTransaction(tx, 'ops.sandboxes', principalId);
  const { count } = await tables(tx)
    .selectFrom('ops_sandboxes')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('principal_id', '=', principalId)
    .executeTakeFirstOrThrow();
  return count;
}

/** The services of its owner's other sandboxes that run or may do so; locked like their count. */
export async function servicesAtWork(
  tx: Db,
  { id, principal_id }: Pick<SandboxRow, 'id' | 'principal_id'>,
): Promise<ServiceFact[]> {
  await lockInTransaction(tx, 'ops.sandboxes', principal_id);
  const rows = await tables(tx)
    .selectFrom('ops_sandboxes')
    .select('services')
    .where('principal_id', '=', principal_id)
    .where('id', '<>', id)
    .where('status', 'not in', ['creating', 'created', 'stopped'])
    .execute();
  return rows.flatMap(({ services }) => services);
}

/** Gives a sandbox to a job, if none has it; false otherwise. */
export async function takeSandbox(tx: Db, id: string, jobId: string, status: string): Promise<boolean> {
  const taken = await tables(tx)
    .updateTable('ops_sandboxes')
    .set({ job_id: jobId, status, error: null, last_used_at: new Date() })
    .where('id', '=', id)
    // A job that was canceled before it began, or ended beneath its handler, has left it.
    .where(sql<boolean>`(job_id is null or not exists (
      select 1 from jobs where jobs.id = ops_sandboxes.job_id and jobs.finished_at is null))`)
    .executeTakeFirst();
  return taken.numUpdatedRows === 1n;
}

/** Ends a job's work on a sandbox; nothing happens when another one has it. */
export async function giveSandboxBack(
  tx: Db,
  id: string,
  jobId: string,
  change: {
    readonly status: string;
    readonly error?: ErrorEnvelope['error'] | undefined;
    readonly output?: string | undefined;
    readonly path?: string | undefined;
    readonly compose_sha256?: string | undefined;
    readonly started_at?: Date | undefined;
    readonly disk_bytes?: number | undefined;
    readonly volume_bytes?: number | undefined;
  },
): Promise<void> {
  const { error, ...rest } = change;
  await tables(tx)
    .updateTable('ops_sandboxes')
    .set({ ...rest, job_id: null, error: error === undefined ? null : json(error), last_used_at: new Date() })
    .where('id', '=', id)
    .where('job_id', '=', jobId)
    .execute();
}

/** Notes that somebody used it just now. */
export async function touchSandbox(db: Db, id: string): Promise<void> {
  await tables(db).updateTable('ops_sandboxes').set({ last_used_at: new Date() }).where('id', '=', id).execute();
}

export async function deleteSandbox(tx: Db, id: string): Promise<void> {
  await tables(tx).deleteFrom('ops_sandboxes').where('id', '=', id).execute();
}

/** Sandboxes of an engine that hold something, or may. */
export function listOfEngine(db: Db, engine: string): Promise<SandboxRow[]> {
  return tables(db).selectFrom('ops_sandboxes').selectAll().where('engine', '=', engine).orderBy('id').execute();
}

/** Notes what a sandbox was found to hold, in bytes. */
export async function noteDisk(
  db: Db,
  id: string,
  found: { readonly disk_bytes: number; readonly volume_bytes: number },
): Promise<void> {
  await tables(db).updateTable('ops_sandboxes').set(found).where('id', '=', id).execute();
}

/** Bytes that the sandboxes of an engine were found to hold. */
export async function diskOfEngine(db: Db, engine: string): Promise<number> {
  const { sum } = await tables(db)
    .selectFrom('ops_sandboxes')
    .select(sql<string>`coalesce(sum(disk_bytes), 0)`.as('sum'))
    .where('engine', '=', engine)
    .executeTakeFirstOrThrow();
  return Number(sum);
}

/** What a sandbox may hold from its start on, as its starter may have now. */
export async function setDiskLimit(tx: Db, id: string, diskMb: number): Promise<void> {
  await tables(tx).updateTable('ops_sandboxes').set({ disk_mb: diskMb }).where('id', '=', id).execute();
}

/** Sandboxes of an engine whose time is over: to be stopped for want of use, or deleted. None that a job works on. */
export async function listDue(db: Db, engine: string): Promise<(SandboxRow & { readonly due: 'stop' | 'delete' })[]> {
  const { rows } = await sql<SandboxRow & { due: 'stop' | 'delete' }>`
    select s.*, case when s.expires_at < now() then 'delete' else 'stop' end as due from ops_sandboxes s
    where s.engine = ${engine}
      and (s.job_id is null or not exists (select 1 from jobs j where j.id = s.job_id and j.finished_at is null))
      -- What failed is tried again after a while.
      and (s.status <> 'failed' or s.last_used_at < now() - interval '5 minutes')
      and (s.expires_at < now() or (s.status in ('running', 'failed') and s.started_at is not null and s.last_used_at < now() - s.idle_s * interval '1 second'))
    order by s.id limit 100`.execute(db);
  return rows;
}

/** Frees sandboxes whose job ended before it began, as one does that is canceled in its queue. */
export async function freeAbandoned(db: Db, engine: string): Promise<void> {
  await sql`
    update ops_sandboxes s set job_id = null, status = 'failed', error = j.error from jobs j
    where s.engine = ${engine} and j.id = s.job_id and j.finished_at is not null`.execute(db);
}

/** Which of these sandboxes there are. */
export async function knownSandboxes(db: Db, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tables(db).selectFrom('ops_sandboxes').select('id').where('id', 'in', ids).execute();
  return new Set(rows.map(({ id }) => id));
}

/** Notes a snapshot that is about to be made, so that no crash leaves an image that nobody knows. */
export async function insertSnapshot(
  db: Db,
  snapshot: Omit<SnapshotRow, 'image_id' | 'size_bytes' | 'created_at'>,
): Promise<void> {
  await tables(db)
    .insertInto('ops_snapshots')
    .values({ ...snapshot, created_at: new Date() })
    .execute();
}

export async function finishSnapshot(
  db: Db,
  id: string,
  facts: { readonly image_id: string; readonly size_bytes: number },
): Promise<SnapshotRow> {
  return tables(db)
    .updateTable('ops_snapshots')
    .set(facts)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function findSnapshot(db: Db, id: string): Promise<SnapshotRow | undefined> {
  return tables(db).selectFrom('ops_snapshots').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Snapshots that a principal may see, newest first. */
export function listSnapshots(
  db: Db,
  principal: Principal,
  {
    after,
    limit,
    sandbox,
  }: { readonly after: string | undefined; readonly limit: number; readonly sandbox: string | undefined },
): Promise<SnapshotRow[]> {
  let query = tables(db).selectFrom('ops_snapshots').selectAll().where('image_id', 'is not', null);
  if (!principal.admin) query = query.where('principal_id', '=', principal.id);
  if (sandbox !== undefined) query = query.where('sandbox', '=', sandbox);
  if (after !== undefined) query = query.where('id', '<', after);
  return query.orderBy('id', 'desc').limit(limit).execute();
}

export async function deleteSnapshot(db: Db, id: string): Promise<void> {
  await tables(db).deleteFrom('ops_snapshots').where('id', '=', id).execute();
}

/** All snapshots of a sandbox, those that did not come about too. */
export function listSnapshotsOf(db: Db, sandboxId: string): Promise<SnapshotRow[]> {
  return tables(db).selectFrom('ops_snapshots').selectAll().where('sandbox_id', '=', sandboxId).execute();
}
