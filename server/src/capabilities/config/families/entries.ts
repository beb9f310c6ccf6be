import type { JsonValue } from '../integrity/parse-strict.ts';
import type { JsonObject, WrittenServer } from './family.ts';

/** The fields that say something: no empty list, map or undefined. */
export function said(fields: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  const kept = Object.entries(fields).filter(([, value]) => {
    if (value === undefined) return false;
    return typeof value !== 'object' || value === null || Object.keys(value).length > 0;
  });
  return Object.fromEntries(kept) as JsonObject;
}

/** A map from the names of servers to their entries. */
export function byName(servers: readonly WrittenServer[], entryOf: (server: WrittenServer) => JsonObject): JsonObject {
  return Object.fromEntries(servers.map((server) => [server.name, entryOf(server)]));
}

/** The notation that most clients share: `command`, `args`, `env`, or `url` and `headers`. */
export function commonEntry(server: WrittenServer): JsonObject {
  return server.transport === 'stdio'
    ? said({ command: server.command, args: server.args, env: server.env })
    : said({ url: server.url, headers: server.headers });
}
