import { userInfo } from 'node:os';
import { auditMigrations, insertEntry, listEntries } from './core/audit/store.ts';
import { authMigrations, listTokens } from './core/auth/store.ts';
import type { Db } from './core/db/database.ts';
import { migrate } from './core/db/migrate.ts';
import { newId } from './core/ids.ts';

/** What an operator's command changed, for the audit trail. */
export interface Change {
  /** The command, such as `token create`. */
  readonly command: string;
  readonly effect: 'write' | 'destroy';
  /** Id of what was changed, where it has one. */
  readonly subject?: string;
  /** What was changed in it. Never a secret. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The name under which the trail keeps what is done by commands, outside of any server. */
export const operatorName = 'cli';

/** Adds the audit entry of a command to the transaction of its change. The server seals it at its next look. */
export async function noteChange(tx: Db, { command, effect, subject, detail }: Change): Promise<void> {
  await insertEntry(tx, newId('aud'), {
    principal_id: null,
    principal_name: operatorName,
    tool: `tutti ${command}`,
    effect,
    outcome: 'ok',
    subject: subject ?? null,
    input_hmac: null,
    detail: { ...detail, os_user: osUser(), os_uid: process.getuid?.() ?? null },
  });
}

/** The name of the system's user; null for a user id that has none, as in many containers. */
function osUser(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

/** A database that no server has seen yet has no tables; one that a server made has more than are known here. */
export async function makeTables(db: Db): Promise<void> {
  try {
    await listTokens(db);
    await listEntries(db, { limit: 1 });
  } catch (error) {
    if ((error as { code?: unknown }).code !== '42P01') throw error;
    await migrate(db, [authMigrations, auditMigrations]);
  }
}
