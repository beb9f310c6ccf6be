import { sql } from 'kysely';
import type { Db } from '../../../../core/db/database.ts';
import { type Migrations, sqlMigration } from '../../../../core/db/migrate.ts';
import type { ErrorEnvelope } from '../../../../core/errors.ts';
import { storableJson } from '../../../../core/storable.ts';

export const execMigrations: Migrations = {
  'ops.0032-execs': sqlMigration(`
    create table if not exists ops_execs (
      id text primary key,
      outcome jsonb,
      created_at timestamptz not null default now()
    );
    create index if not exists ops_execs_created_at on ops_execs (created_at);`),
};

/** A command that was asked for with an idempotency key. */
type ExecTable = { id: string; outcome: ExecOutcome | null; created_at: Date };

/** What became of a command. */
export interface ExecOutcome {
  readonly answer?: Record<string, unknown>;
  readonly error?: ErrorEnvelope['error'];
}

type Tables = { ops_execs: ExecTable };

const json = (value: unknown) => sql<never>`${storableJson(value)}::jsonb`;
const tables = (db: Db) => db.withTables<Tables>();

/** Notes that a command is about to run; false where that was noted before. */
export async function claimExec(db: Db, id: string): Promise<boolean> {
  const added = await tables(db)
    .insertInto('ops_execs')
    .values({ id, created_at: new Date() })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return added.numInsertedOrUpdatedRows === 1n;
}

export async function finishExec(db: Db, id: string, outcome: ExecOutcome): Promise<void> {
  await tables(db)
    .updateTable('ops_execs')
    .set({ outcome: json(outcome) })
    .where('id', '=', id)
    .execute();
}

/** Undefined while it runs, and for ever where its server was killed. */
export async function findExecOutcome(db: Db, id: string): Promise<ExecOutcome | undefined> {
  const row = await tables(db).selectFrom('ops_execs').select('outcome').where('id', '=', id).executeTakeFirst();
  return row?.outcome ?? undefined;
}

/** Forgets what no idempotency key leads to any more. */
export async function forgetExecs(db: Db): Promise<void> {
  await sql`delete from ops_execs where created_at < now() - interval '25 hours'`.execute(db);
}
