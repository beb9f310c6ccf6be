import { sql } from 'kysely';
import { type Db, inTransaction, lockInTransaction } from './database.ts';
import { type Migrations, sqlMigration } from './migrate.ts';

type Tables = { agreements: { name: string; value: string; updated_at: Date } };

export const agreementMigrations: Migrations = {
  'core.0010-agreements': sqlMigration(`
    create table if not exists agreements (
      name text primary key,
      value text not null,
      updated_at timestamptz not null default now()
    );`),
};

/** Something that all processes on one database must have alike. Never a secret: of a key, its fingerprint. */
export interface Term {
  /** Such as `keys for cursor`. */
  readonly name: string;
  /** What this process has. */
  readonly value: string;
  /** What it would agree with besides: keys that it still knows. */
  readonly also?: readonly string[];
  /** It may become another one while no other process runs. */
  readonly unlessAlone?: boolean;
}

/** Past it a process that wrote no word is not one that runs. Each writes one a second. */
const SILENT_S = 30;
/** A process that starts notes its terms down so long, at most, before its first word. */
const STARTING_S = 10;

/**
 * Compares what this process has with what the others noted down, and notes its own where nobody did yet. Answers the terms
 * in which it differs; then nothing was noted.
 */
export function agree(db: Db, terms: readonly Term[]): Promise<readonly Term[]> {
  return inTransaction(db, async (tx) => {
    await lockInTransaction(tx, 'tutti.agreements');
    const rows = await tx.withTables<Tables>().selectFrom('agreements').select(['name', 'value']).execute();
    const noted = new Map(rows.map(({ name, value }) => [name, value]));
    const alone = !(await someoneRuns(tx));
    const differing = terms.filter(({ name, value, also = [], unlessAlone = false }) => {
      const known = noted.get(name);
      return known !== undefined && known !== value && !also.includes(known) && !(unlessAlone && alone);
    });
    if (differing.length === 0) await putTerms(tx, terms);
    return differing;
  });
}

/** Whether another process runs, or is about to. */
async function someoneRuns(tx: Db): Promise<boolean> {
  const { rows } = await sql`
    select from executors where heartbeat_at > now() - make_interval(secs => ${SILENT_S})
    union all
    select from agreements where updated_at > now() - make_interval(secs => ${STARTING_S}) limit 1`.execute(tx);
  return rows.length > 0;
}

/** Notes down what holds from now on for every process that starts. */
export async function putTerms(db: Db, terms: readonly Term[]): Promise<void> {
  for (const { name, value } of terms) {
    await db
      .withTables<Tables>()
      .insertInto('agreements')
      .values({ name, value, updated_at: new Date() })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value, updated_at: new Date() }))
      .execute();
  }
}
