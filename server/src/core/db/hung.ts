import pg from 'pg';
import type { Logger } from '../log.ts';
import type { Connection } from './database.ts';

const lookEveryMs = 2500;
const suspectAfterMs = 5000;
const probeMs = 3000;

/**
 * Ends the connections of a pool whose users wait for a database that answers nobody any more: one that was paused, or
 * whose network swallows everything. A query that merely takes long goes on: a connection made beside it gets its answer.
 */
export function endHungConnections(pool: pg.Pool, connection: Connection, log: Logger): void {
  const since = new Map<pg.PoolClient, number>();
  let timer: NodeJS.Timeout | undefined;
  pool.on('acquire', (client) => {
    since.set(client, Date.now());
    timer ??= setInterval(() => void look(), lookEveryMs).unref();
  });
  pool.on('release', (_error, client) => since.delete(client));
  pool.on('remove', (client) => since.delete(client));
  let looking = false;

  async function look(): Promise<void> {
    const suspects = [...since].filter(([, at]) => at < Date.now() - suspectAfterMs);
    if (since.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
    if (looking || suspects.length === 0) return;
    looking = true;
    const alive = await answers(connection);
    looking = false;
    for (const [client, at] of suspects) {
      // Returned and taken again since: a new suspicion begins.
      if (since.get(client) !== at) continue;
      if (alive) since.set(client, Date.now());
      else streamOf(client).destroy();
    }
    if (!alive) log.warn({ connections: suspects.length }, 'the database answers nobody: connections were cut');
  }
}

/** Whether a new connection gets an answer in time, be it a refusal. */
async function answers(connection: Connection): Promise<boolean> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: probeMs, query_timeout: probeMs });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch (error) {
    return !/timeout/i.test((error as Error).message);
  } finally {
    streamOf(client).destroy();
  }
}

/** What the client talks through; its own `end` would wait for the other side. */
function streamOf(client: pg.ClientBase): { destroy(): void } {
  return (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream;
}
