import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../log.ts';
import type { Connection } from './database.ts';

export interface ServerLock {
  release(): Promise<void>;
}

/**
 * Takes session locks by name, all or none: undefined when another process has one of them. They end with this process,
 * however it ends, and are taken again by themselves when PostgreSQL was restarted.
 */
export async function takeServerLock(
  connection: Connection,
  names: readonly string[],
  log: Logger,
): Promise<ServerLock | undefined> {
  let client = await acquire();
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
    const fresh = new pg.Client({ ...connection, keepAlive: true, application_name: 'tutti server lock' });
    fresh.on('error', () => undefined); // 'end' follows
    await fresh.connect();
    for (const name of names) {
      const { rows } = await fresh.query(`select pg_try_advisory_lock(hashtextextended($1, 0)) as held`, [name]);
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
