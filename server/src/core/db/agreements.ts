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
}

/**
 * Compares what this process has with what the others noted down, and notes its own where nobody did yet. Answers the terms
 * in which it differs; then nothing was noted.
 */
export function agree(db: Db, terms: readonly Term[]): Promise<readonly Term[]> {
  return inTransaction(db, async (tx) => {
    await lockInTransaction(tx, 'tutti.agreements');
    const rows = await tx.withTables<Tables>().selectFrom('agreements').select(['name', 'value']).execute();
    const noted = new Map(rows.map(({ name, value }) => [name, value]));
    const differing = terms.filter(({ name, value, also = [] }) => {
      const known = noted.get(name);
      return known !== undefined && known !== value && !also.includes(known);
    });
    if (differing.length === 0) await putTerms(tx, terms);
    return differing;
  });
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
