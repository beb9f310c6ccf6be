import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { AppError } from '../errors.ts';
import { type Db, withSessionLock } from './database.ts';

/** Migrations by name. Names begin with their slice (`lake.0001-datasets`) and never change once released. */
export type Migrations = Readonly<Record<string, Migration>>;

/**
 * Brings the schema up to date. May run twice and from several processes at once: they queue on a lock.
 * Throws the first error; each migration is idempotent DDL, so a run that was cut off goes on.
 */
export async function migrate(db: Db, slices: readonly Migrations[]): Promise<void> {
  const migrations: Record<string, Migration> = {};
  for (const slice of slices) {
    for (const [name, migration] of Object.entries(slice)) {
      if (migrations[name]) throw new Error(`migration ${name} is defined twice`);
      migrations[name] = migration;
    }
  }
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableName: 'tutti_migrations',
    migrationLockTableName: 'tutti_migrations_lock',
    // Slices grow side by side: a new one of `core` may come after an old one of `lake`.
    allowUnorderedMigrations: true,
  });
  // The migrator's own lock lives in a table, and two processes would race to create that table.
  await withSessionLock(db, 'tutti.migrate', async () => {
    const { error } = await migrator.migrateToLatest();
    if (error) throw error;
  });
}

/** Throws unless every migration of this release has run: for whoever may not run any. */
export async function requireMigrated(db: Db, slices: readonly Migrations[]): Promise<void> {
  const { rows } = await sql<{ name: string }>`select name from tutti_migrations`.execute(db);
  const done = new Set(rows.map(({ name }) => name));
  const missing = slices.flatMap((slice) => Object.keys(slice)).filter((name) => !done.has(name));
  if (missing.length === 0) return;
  throw new AppError(
    'READ_ONLY',
    `The database lacks ${missing.length} migrations of this release, such as ${missing[0]}.`,
    'Start a server of this release that writes first; a replica then follows by itself.',
  );
}

/** A migration that is one text of idempotent SQL statements. */
export function sqlMigration(text: string): Migration {
  return { up: async (db: Kysely<unknown>) => void (await sql.raw(text).execute(db)) };
}
