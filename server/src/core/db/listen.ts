import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../log.ts';
import type { Connection } from './database.ts';

const retryMs = 1000;

/**
 * Calls `onNotify` when somebody notifies a channel, on a connection of its own that is made anew when it is lost. What is
 * notified meanwhile is missed, so whoever listens also looks by itself from time to time.
 */
export function listenTo(
  connection: Connection,
  channel: string,
  log: Logger,
  onNotify: () => void,
): { close(): Promise<void> } {
  const closing = new AbortController();
  let client: pg.Client | undefined;
  const running = run();
  return {
    async close() {
      closing.abort();
      await client?.end().catch(() => undefined);
      await running;
    },
  };

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await listenOnce();
      } catch (error) {
        if (!closing.signal.aborted) log.debug({ channel, error }, 'not listening for now');
      }
      await sleep(retryMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  /** Listens until the connection ends. */
  async function listenOnce(): Promise<void> {
    const fresh = new pg.Client({
      ...connection,
      keepAlive: true,
      keepAliveInitialDelayMillis: 2000,
      connectionTimeoutMillis: 5000,
    });
    const ended = new Promise<void>((resolve) => fresh.once('end', () => resolve()));
    fresh.on('error', () => void fresh.end().catch(() => undefined));
    fresh.on('notification', onNotify);
    try {
      await fresh.connect();
      client = fresh;
      if (closing.signal.aborted) return;
      await fresh.query(`listen ${pg.escapeIdentifier(channel)}`);
      onNotify();
      await ended;
    } finally {
      client = undefined;
      await fresh.end().catch(() => undefined);
    }
  }
}
