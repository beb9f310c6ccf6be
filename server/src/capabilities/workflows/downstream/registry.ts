import { isDeepStrictEqual } from 'node:util';
import type { Db } from '../../../core/db/database.ts';
import type { Logger } from '../../../core/log.ts';
import type { DownstreamServer } from '../../../core/workflows-settings.ts';
import type { Connection } from './connection.ts';
import { listServers } from './store.ts';

/** The servers that are declared now, each with its connection. */
export interface Registry {
  all(): Promise<readonly Connection[]>;
  find(name: string): Promise<Connection | undefined>;
  /** What was known at the last look. */
  known(): readonly Connection[];
  peek(name: string): Connection | undefined;
  close(): Promise<void>;
}

export interface RegistryNeeds {
  readonly db: Db;
  /** Those of the settings, which count before one of the same name that was added by command. */
  readonly declared: readonly DownstreamServer[];
  readonly connect: (server: DownstreamServer) => Connection;
  readonly log: Logger;
}

/** Commands of the operator run in processes of their own, so the table is read again when it is used, once in this time. */
const freshMs = 1000;

export function createRegistry({ db, declared, connect, log }: RegistryNeeds): Registry {
  const connections = new Map<string, Connection>();
  const retiring = new Map<Connection, Promise<void>>();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  let closed = false;

  async function refresh(): Promise<void> {
    if (performance.now() - readAt < freshMs) return;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    await reading;
  }

  async function read(): Promise<void> {
    const added = await listServers(db).catch((error: unknown) => {
      // Those that are known stay: calls need no database.
      if (connections.size === 0) throw error;
      log.warn({ error }, 'the downstream servers cannot be read');
    });
    readAt = performance.now();
    if (!added || closed) return;
    const now = new Map([...added, ...declared].map((server) => [server.name, server]));
    for (const [name, connection] of connections) {
      if (isDeepStrictEqual(connection.server, now.get(name))) continue;
      connections.delete(name);
      retiring.set(
        connection,
        connection.retire().finally(() => retiring.delete(connection)),
      );
    }
    for (const [name, server] of now) if (!connections.has(name)) connections.set(name, connect(server));
  }

  const known = () => [...connections.values()].sort((a, b) => (a.server.name < b.server.name ? -1 : 1));
  return {
    known,
    peek: (name) => connections.get(name),
    async all() {
      await refresh();
      return known();
    },
    async find(name) {
      await refresh();
      return connections.get(name);
    },
    async close() {
      closed = true;
      await Promise.all([...connections.values(), ...retiring.keys()].map((connection) => connection.close()));
      await Promise.all(retiring.values());
    },
  };
}
