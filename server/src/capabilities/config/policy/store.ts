import { type Selectable, sql } from 'kysely';
import { type Db, lockInTransaction } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import { storableJson } from '../../../core/storable.ts';
import { immutable, immutableFunction } from '../immutable.ts';

export const policyMigrations: Migrations = {
  'config.0005-policy-sets': sqlMigration(`
    ${immutableFunction}
    create table if not exists config_policy_sets (
      name text collate "C" not null,
      version integer not null,
      document json not null,
      hash text not null,
      put_by text not null,
      created_at timestamptz not null default clock_timestamp(),
      primary key (name, version)
    );
    ${immutable('config_policy_sets')}`),
};

type PolicySetTable = {
  name: string;
  version: number;
  /** As it was put, with its version. */
  document: Record<string, unknown>;
  /** Of the document without its version. */
  hash: string;
  put_by: string;
  created_at: Date;
};
export type PolicySetRow = Selectable<PolicySetTable>;

const tables = (db: Db) => db.withTables<{ config_policy_sets: PolicySetTable }>();

/** A version of a policy set, by default the newest. */
export function findPolicySetRow(db: Db, name: string, version?: number): Promise<PolicySetRow | undefined> {
  let query = tables(db).selectFrom('config_policy_sets').selectAll().where('name', '=', name);
  if (version !== undefined) query = query.where('version', '=', version);
  return query.orderBy('version', 'desc').limit(1).executeTakeFirst();
}

/** Keeps others from adding a version until the transaction ends. */
export function lockPolicySet(tx: Db, name: string): Promise<void> {
  return lockInTransaction(tx, 'config.policy-set', name);
}

export async function insertPolicySetRow(tx: Db, row: Omit<PolicySetRow, 'created_at'>): Promise<void> {
  const { document, ...plain } = row;
  await tables(tx)
    .insertInto('config_policy_sets')
    .values({
      ...plain,
      document: sql<never>`${storableJson(document)}::json`,
      created_at: sql<Date>`clock_timestamp()`,
    })
    .execute();
}
