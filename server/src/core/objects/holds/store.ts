import type { Db } from '../../db/database.ts';
import { shareLockInTransaction } from '../../db/database.ts';
import { type Migrations, sqlMigration } from '../../db/migrate.ts';

type Tables = { object_holds: { holder: string; sha256: string } };

/** Pinned bytes that a holder speaks of, whichever capability it belongs to: they are backed up and not collected. */
export const holdMigrations: Migrations = {
  'core.0031-object-holds': sqlMigration(`
    create table if not exists object_holds (
      holder text not null,
      sha256 text collate "C" not null,
      primary key (holder, sha256)
    );
    create index if not exists object_holds_sha256 on object_holds (sha256);`),
};

const tables = (db: Db) => db.withTables<Tables>();

/** Held, shared, by whoever pins bytes until they are written down; the collector takes it alone, for moments. */
export const collectorLock = 'lake.gc';

/** Until this transaction ends, nothing is collected: what it pins or finds pinned is still there when it commits. */
export function keepFromCollector(tx: Db): Promise<void> {
  return shareLockInTransaction(tx, collectorLock);
}

/** Notes that a holder, such as `ops:job_01j…`, speaks of bytes. Pin them after `keepFromCollector`, in the same transaction. */
export async function holdObject(tx: Db, holder: string, sha256: string): Promise<void> {
  await tables(tx)
    .insertInto('object_holds')
    .values({ holder, sha256 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Lets go of all that these holders hold; nobody else's bytes are collected for it. */
export async function releaseObjects(tx: Db, holders: readonly string[]): Promise<void> {
  if (holders.length === 0) return;
  await tables(tx)
    .deleteFrom('object_holds')
    .where('holder', 'in', [...holders])
    .execute();
}
