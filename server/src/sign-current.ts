import { signCurrent } from './capabilities/config/releases/renew.ts';
import { signingKeyOf, trustedOf } from './capabilities/config/releases/signing-keys.ts';
import { badInput, hasDatabase, withDatabase } from './command.ts';
import { inTransaction } from './core/db/database.ts';
import type { KeyFile } from './core/keys.ts';
import type { Settings } from './core/settings.ts';

/** Has the configurations that are current signed by a file's key before older ones are dropped: nothing would hold otherwise. */
export async function signConfigs(settings: Settings, file: KeyFile): Promise<void> {
  if (!hasDatabase(settings)) return;
  await withDatabase(settings, (db) =>
    inTransaction(db, (tx) => signCurrent(tx, signingKeyOf(file), trustedOf(file))).catch(
      (error: { code?: unknown }) => {
        // No server with configurations has seen this database.
        if (error.code !== '42P01') throw error;
      },
    ),
  );
}

/** Refuses to drop keys where it cannot be seen what they signed. */
export function mustSeeConfigs(settings: Settings): void {
  if (settings.keys_dir === undefined || hasDatabase(settings)) return;
  throw badInput(
    'What is current must be signed by the new key before older ones are dropped.',
    'Give the database as well: --database-url <url>.',
  );
}
