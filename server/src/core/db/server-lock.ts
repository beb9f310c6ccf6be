import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../log.ts';
import { type Connection, isConnectionLoss } from './database.ts';

/** Another server has this data directory, or the database that only one server may use with local objects. */
export class AlreadyRunning extends Error {
  readonly reason: 'directory' | 'database';
  constructor(reason: 'directory' | 'database') {
    super(`another server has the ${reason}`);
    this.reason = reason;
  }
}

/** The lock of a data directory: who has it is its one server. */
export function directoryLock(dataDir: string): string {
  return `tutti.server ${hostname()} ${dataDir}`;
}

const connectMs = 5000;

export interface ServerLock {
  release(): Promise<void>;
}

/**
 * Takes session locks by name, all or none: undefined when another process has one of them. With `share`, others may have
 * them as well who share them. They end with this process, however it ends, and are taken again by themselves when
 * PostgreSQL was restarted.
 */
export async function takeServerLock(
  connection: Connection,
  names: readonly string[],
  log: Logger,
  { share }: { readonly share: boolean } = { share: false },
): Promise<ServerLock | undefined> {
  const take = share ? 'pg_try_advisory_lock_shared' : 'pg_try_advisory_lock';
  let client = await patiently(acquire);
  if (!client) return undefined;
  let released = false;
  watch(client);

  return {
    async release() {
      released = true;
      await client?.end().catch(() => undefined);
    },
  };

  async function acquire(): Promise<pg.Client | undefined> {
    const fresh = new pg.Client({
      ...connection,
      keepAlive: true,
      connectionTimeoutMillis: connectMs,
      application_name: 'tutti server lock',
    });
    fresh.on('error', () => undefined); // 'end' follows
    await fresh.connect();
    for (const name of names) {
      const { rows } = await fresh.query(`select ${take}(hashtextextended($1, 0)) as held`, [name]);
      if (!rows[0].held) {
        await fresh.end();
        return undefined;
      }
    }
    return fresh;
  }

  function watch(held: pg.Client): void {
    held.once('end', () => void regain());
  }

  async function regain(): Promise<void> {
    while (!released) {
      try {
        client = await acquire();
        if (client) return watch(client);
        log.error('another server took the lock of this one while the database was away');
      } catch (error) {
        log.debug({ error }, 'the server lock is not back yet');
      }
      await sleep(500);
    }
  }
}

/** Tries for a few seconds while the database is away: another command may just have stopped it, and it comes back. */
async function patiently<T>(acquire: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await acquire();
    } catch (error) {
      if (attempt === 20 || !isConnectionLoss(error)) throw error;
      await sleep(250);
    }
  }
}
