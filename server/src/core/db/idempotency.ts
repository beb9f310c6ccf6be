import { AppError } from '../errors.ts';
import { type Db, lockInTransaction } from './database.ts';
import { type Migrations, sqlMigration } from './migrate.ts';

type Tables = {
  idempotency_keys: {
    principal_id: string;
    tool: string;
    key: string;
    input_hash: string;
    output: unknown;
    created_at: Date;
  };
};

export const idempotencyMigrations: Migrations = {
  'core.0001-idempotency-keys': sqlMigration(`
    create table if not exists idempotency_keys (
      principal_id text not null,
      tool text not null,
      key text not null,
      input_hash text not null,
      output json not null,
      created_at timestamptz not null default now(),
      primary key (principal_id, tool, key)
    );
    create index if not exists idempotency_keys_created_at on idempotency_keys (created_at);`),
};

const keepIdempotencyMs = 24 * 60 * 60 * 1000;

/**
 * Runs `work` once per principal, tool and key within 24 hours. The answer is kept in the same transaction as the effect,
 * so that a crash keeps both or neither; a concurrent twin waits for the first and gets its answer.
 */
export async function once(
  tx: Db,
  call: { readonly principal: string; readonly tool: string; readonly key: string; readonly inputHash: string },
  work: () => Promise<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const { principal, tool, key, inputHash } = call;
  await lockInTransaction(tx, 'idempotency', principal, tool, key);
  const table = tx.withTables<Tables>();
  const known = await table
    .selectFrom('idempotency_keys')
    .select(['input_hash', 'output'])
    .where('principal_id', '=', principal)
    .where('tool', '=', tool)
    .where('key', '=', key)
    .where('created_at', '>', new Date(Date.now() - keepIdempotencyMs))
    .executeTakeFirst();
  if (known && known.input_hash !== inputHash) {
    throw new AppError(
      'IDEMPOTENCY_CONFLICT',
      'This idempotency_key was already used with another input.',
      'Send the first input again, or choose a new idempotency_key for this one.',
    );
  }
  if (known) return known.output as Record<string, unknown>;
  const output = await work();
  const values = { input_hash: inputHash, output: JSON.stringify(output), created_at: new Date() };
  await table
    .insertInto('idempotency_keys')
    .values({ principal_id: principal, tool, key, ...values })
    .onConflict((conflict) => conflict.columns(['principal_id', 'tool', 'key']).doUpdateSet(values))
    .execute();
  return output;
}

/** Forgets keys that are past their time; returns how many. */
export async function forgetIdempotencyKeys(db: Db): Promise<number> {
  const result = await db
    .withTables<Tables>()
    .deleteFrom('idempotency_keys')
    .where('created_at', '<', new Date(Date.now() - keepIdempotencyMs))
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
