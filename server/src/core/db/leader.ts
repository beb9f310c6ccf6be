import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../log.ts';
import type { Connection } from './database.ts';

const retryMs = 1000;

/**
 * Runs `lead` while this process alone has a lock of the database, which another process gets at once when this one is
 * gone. The signal fires when the lock was lost or at the close: another may lead already.
 */
export function leadAlone(
  connection: Connection,
  name: string,
  log: Logger,
  lead: (signal: AbortSignal) => Promise<void>,
): { close(): Promise<void> } {
  const closing = new AbortController();
  const running = run();
  return {
    async close() {
      closing.abort();
      await running;
    },
  };

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      await compete().catch((error: unknown) => log.debug({ name, error }, 'not leading for now'));
      await sleep(retryMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  /** Asks for the lock until it is ours, leads, and ends when the connection does. */
  async function compete(): Promise<void> {
    const client = new pg.Client({
      ...connection,
      keepAlive: true,
      application_name: name,
      connectionTimeoutMillis: 5000,
    });
    const lost = new AbortController();
    client.on('error', () => lost.abort());
    client.on('end', () => lost.abort());
    try {
      await client.connect();
      const ours = AbortSignal.any([closing.signal, lost.signal]);
      while (!ours.aborted) {
        const { rows } = await client.query('select pg_try_advisory_lock(hashtextextended($1, 0)) as held', [name]);
        // Closed while the lock was asked for: whoever leads waits for a signal that came already.
        if (rows[0].held && !ours.aborted) return await lead(ours);
        await sleep(retryMs, undefined, { signal: ours }).catch(() => undefined);
      }
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
