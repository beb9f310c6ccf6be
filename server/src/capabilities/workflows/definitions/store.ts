import { type Selectable, sql } from 'kysely';
import type { Authority } from '../../../core/auth/authority.ts';
import { type Db, lockInTransaction } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import { storableJson } from '../../../core/storable.ts';
import type { Envelope } from '../definition/envelope.ts';
import type { Machine } from '../definition/machine.ts';

export const definitionMigrations: Migrations = {
  'workflows.0001-definitions': sqlMigration(`
    create table if not exists workflow_definitions (
      name text collate "C" not null,
      version integer not null,
      document text not null,
      envelope jsonb not null,
      machine jsonb not null,
      put_by text not null,
      authority jsonb not null,
      created_at timestamptz not null default clock_timestamp(),
      put_at timestamptz not null default clock_timestamp(),
      deleted_at timestamptz,
      primary key (name, version)
    );`),
};

type DefinitionTable = {
  name: string;
  version: number;
  /** As it was put. */
  document: string;
  envelope: Envelope;
  machine: Machine;
  /** Whoever put it last, also where that changed nothing. */
  put_by: string;
  authority: Omit<Authority, 'principalId'>;
  created_at: Date;
  put_at: Date;
  /** Set on all versions at once: runs that know one still find it. */
  deleted_at: Date | null;
};

type Tables = { workflow_definitions: DefinitionTable };
export type Definition = Selectable<DefinitionTable>;

const tables = (db: Db) => db.withTables<Tables>();
const json = (value: unknown) => sql<never>`${storableJson(value)}::jsonb`;

/** A version, by default the newest. Deleted ones only where `deleted` says so: for the runs of them. */
export function findDefinition(
  db: Db,
  name: string,
  version?: number,
  { deleted = false } = {},
): Promise<Definition | undefined> {
  let query = tables(db).selectFrom('workflow_definitions').selectAll().where('name', '=', name);
  if (version !== undefined) query = query.where('version', '=', version);
  if (!deleted) query = query.where('deleted_at', 'is', null);
  return query.orderBy('version', 'desc').limit(1).executeTakeFirst();
}

/** Keeps all else from changing a workflow or starting its runs until the transaction ends. */
export function lockWorkflow(tx: Db, name: string): Promise<void> {
  return lockInTransaction(tx, 'workflows', name);
}

/** The highest number that a version of this name ever had; 0 for none. Call it under `lockWorkflow`. */
export async function highestVersion(tx: Db, name: string): Promise<number> {
  const { rows } = await sql<{ version: number | null }>`
    select max(version) as version from workflow_definitions where name = ${name}`.execute(tx);
  return rows[0]?.version ?? 0;
}

export type NewDefinition = Omit<Definition, 'created_at' | 'put_at' | 'deleted_at'>;

export async function insertDefinition(tx: Db, definition: NewDefinition): Promise<Definition> {
  const { envelope, machine, authority, ...plain } = definition;
  const now = sql<Date>`clock_timestamp()`;
  return tables(tx)
    .insertInto('workflow_definitions')
    .values({
      ...plain,
      envelope: json(envelope),
      machine: json(machine),
      authority: json(authority),
      created_at: now,
      put_at: now,
      deleted_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Notes that somebody put a version again. */
export async function putAgain(
  tx: Db,
  { name, version, put_by, authority }: Pick<Definition, 'name' | 'version' | 'put_by' | 'authority'>,
): Promise<Definition> {
  return tables(tx)
    .updateTable('workflow_definitions')
    .set({ put_by, authority: json(authority), put_at: sql`clock_timestamp()` })
    .where('name', '=', name)
    .where('version', '=', version)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Deletes all versions of a workflow; answers whether there were any. */
export async function deleteDefinition(tx: Db, name: string): Promise<boolean> {
  const result = await sql`
    update workflow_definitions set deleted_at = clock_timestamp() where name = ${name} and deleted_at is null`.execute(
    tx,
  );
  return Number(result.numAffectedRows ?? 0) > 0;
}

/** The newest version of each workflow, by name. */
export async function listDefinitions(
  db: Db,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<Definition[]> {
  const { rows } = await sql<Definition>`
    select distinct on (name) * from workflow_definitions
    where deleted_at is null and name > ${after ?? ''} order by name, version desc limit ${limit}`.execute(db);
  return rows;
}

/** The versions of a workflow that are not deleted, newest first. */
export async function listVersions(
  db: Db,
  name: string,
  limit: number,
): Promise<Pick<Definition, 'version' | 'put_by' | 'created_at'>[]> {
  return tables(db)
    .selectFrom('workflow_definitions')
    .select(['version', 'put_by', 'created_at'])
    .where('name', '=', name)
    .where('deleted_at', 'is', null)
    .orderBy('version', 'desc')
    .limit(limit)
    .execute();
}

/** Forgets deleted versions that no run speaks of any more. */
export async function forgetDeleted(db: Db, before: Date): Promise<void> {
  await sql`
    delete from workflow_definitions d where deleted_at < ${before}
      and not exists (select from workflow_runs r where r.workflow = d.name and r.version = d.version)
      and version < (select max(version) from workflow_definitions n where n.name = d.name)`.execute(db);
}
