import { type Selectable, sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { storableJson } from '../../storable.ts';

type CallTable = {
  job_id: string;
  /** Number of the step in the engine's journal. */
  step: number;
  name: string;
  state: string;
  result: unknown;
  /** Where the journal is taken back to once it is resolved, where that is not its own step. */
  rewind_to: number | null;
  claim: string;
  updated_at: Date;
};

type Tables = { job_calls: CallTable };

const json = (value: unknown) => sql<never>`${storableJson(value)}::jsonb`;
const tables = (db: Db) => db.withTables<Tables>();

export type CallRow = Selectable<CallTable>;

export function findCall(db: Db, jobId: string, step: number): Promise<CallRow | undefined> {
  return tables(db)
    .selectFrom('job_calls')
    .selectAll()
    .where('job_id', '=', jobId)
    .where('step', '=', step)
    .executeTakeFirst();
}

/** The call of a job that nobody knows the outcome of. */
export function findDoubtfulCall(db: Db, jobId: string): Promise<CallRow | undefined> {
  return tables(db)
    .selectFrom('job_calls')
    .selectAll()
    .where('job_id', '=', jobId)
    .where('state', '=', 'in_doubt')
    .executeTakeFirst();
}

/** Takes away what somebody said that the calls of a job answered: it was made use of. */
export async function forgetResults(db: Db, jobId: string): Promise<void> {
  await tables(db).updateTable('job_calls').set({ result: null }).where('job_id', '=', jobId).execute();
}

/** Writes down what is known of a call: `sending`, `answered`, `in_doubt`, or `resolved` with its result. */
export async function putCall(
  db: Db,
  call: {
    job_id: string;
    step: number;
    name: string;
    state: string;
    claim: string;
    result?: unknown;
    rewind_to?: number | null;
  },
): Promise<void> {
  const values = { ...call, result: call.result === undefined ? null : json(call.result), updated_at: new Date() };
  await tables(db)
    .insertInto('job_calls')
    .values(values)
    .onConflict((conflict) => conflict.columns(['job_id', 'step']).doUpdateSet(values))
    .execute();
}
