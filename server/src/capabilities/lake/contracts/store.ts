import { type Selectable, sql } from 'kysely';
import type { Db } from '../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../core/db/migrate.ts';
import { findJob } from '../../../core/jobs/store.ts';
import { storableJson } from '../../../core/storable.ts';
import type { RuleResult } from '../engine/contract/rules.ts';
import type { Contract } from './odcs.ts';

type ContractTable = {
  dataset_id: string;
  revision: number;
  hash: string;
  contract: Contract;
  created_at: Date;
};

type ValidationTable = {
  job_id: string;
  dataset_id: string;
  version: string;
  manifest_id: string;
  contract_revision: number | null;
  passed: boolean;
  failed_rules: string[];
  created_at: Date;
};

type ResultTable = {
  job_id: string;
  position: number;
  rule: string;
  result: RuleResult;
};

type Tables = {
  lake_contracts: ContractTable;
  lake_validations: ValidationTable;
  lake_validation_rules: ResultTable;
};

export type ContractRow = Selectable<ContractTable>;
export type ValidationRow = Selectable<ValidationTable>;

/** What a validation found is forgotten with its job. */
export const contractMigrations: Migrations = {
  'lake.0004-contracts': sqlMigration(`
    create table if not exists lake_contracts (
      dataset_id text not null references datasets (id) on delete cascade,
      revision bigint not null,
      hash text not null,
      contract jsonb not null,
      created_at timestamptz not null default now(),
      primary key (dataset_id, revision)
    );
    create table if not exists lake_validations (
      job_id text primary key references jobs (id) on delete cascade,
      dataset_id text not null references datasets (id) on delete cascade,
      version text not null,
      manifest_id text not null,
      contract_revision bigint,
      passed boolean not null,
      failed_rules text[] not null,
      created_at timestamptz not null default now()
    );
    create index if not exists lake_validations_of on lake_validations (dataset_id, manifest_id, created_at);
    create table if not exists lake_validation_rules (
      job_id text not null references jobs (id) on delete cascade,
      position bigint not null,
      rule text not null,
      result jsonb not null,
      primary key (job_id, position)
    );`),
};

const tables = (db: Db) => db.withTables<Tables>();
const json = (value: unknown) => sql<never>`${storableJson(value)}::jsonb`;

/** The contract of a dataset: the newest, or the given revision. */
export function findContract(db: Db, datasetId: string, revision?: number): Promise<ContractRow | undefined> {
  let query = tables(db).selectFrom('lake_contracts').selectAll().where('dataset_id', '=', datasetId);
  if (revision !== undefined) query = query.where('revision', '=', revision);
  return query.orderBy('revision', 'desc').limit(1).executeTakeFirst();
}

/** Adds a revision. The caller holds the dataset's lock, so that numbers are given once. */
export async function insertContract(
  tx: Db,
  contract: Pick<ContractRow, 'dataset_id' | 'revision' | 'hash' | 'contract'>,
): Promise<ContractRow> {
  return tables(tx)
    .insertInto('lake_contracts')
    .values({ ...contract, contract: json(contract.contract), created_at: new Date() })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Keeps what a validation found. Repeating it changes nothing. */
export async function insertValidation(
  tx: Db,
  validation: Omit<ValidationRow, 'created_at'>,
  results: readonly RuleResult[],
): Promise<void> {
  await tables(tx)
    .insertInto('lake_validations')
    .values({ ...validation, created_at: new Date() })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const chunk = 500;
  for (let at = 0; at < results.length; at += chunk) {
    const rows = results.slice(at, at + chunk).map((result, index) => ({
      job_id: validation.job_id,
      position: at + index,
      rule: result.rule,
      result: json(result),
    }));
    await tables(tx)
      .insertInto('lake_validation_rules')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

export function findValidation(db: Db, jobId: string): Promise<ValidationRow | undefined> {
  return tables(db).selectFrom('lake_validations').selectAll().where('job_id', '=', jobId).executeTakeFirst();
}

export interface ResultRange {
  readonly rule: string | undefined;
  readonly after: number;
  readonly limit: number;
}

/** Results of a validation in the order of its rules. */
export function listResults(
  db: Db,
  jobId: string,
  { rule, after, limit }: ResultRange,
): Promise<Pick<Selectable<ResultTable>, 'position' | 'result'>[]> {
  let query = tables(db)
    .selectFrom('lake_validation_rules')
    .select(['position', 'result'])
    .where('job_id', '=', jobId)
    .where('position', '>', after);
  if (rule !== undefined) query = query.where('rule', '=', rule);
  return query.orderBy('position').limit(limit).execute();
}

/**
 * How the newest validation of these very objects went that checked all rules of the contract as it is now; undefined when
 * there was none, or its job was forgotten.
 */
export async function lastValidation(
  db: Db,
  datasetId: string,
  manifestId: string,
): Promise<{ passed: boolean; job_id: string; failed_rules: string[] } | undefined> {
  const revision = (await findContract(db, datasetId))?.revision ?? null;
  const rows = await tables(db)
    .selectFrom('lake_validations')
    .select(['passed', 'job_id', 'failed_rules'])
    .where('dataset_id', '=', datasetId)
    .where('manifest_id', '=', manifestId)
    .where(sql<boolean>`contract_revision is not distinct from ${revision}`)
    .orderBy('created_at', 'desc')
    .limit(100)
    .execute();
  for (const row of rows) {
    const { rules, contract } = (await findJob(db, row.job_id))?.input ?? {};
    if (rules === undefined && contract === undefined) return row;
  }
  return undefined;
}
