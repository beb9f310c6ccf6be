import type { JsonValue } from '../../integrity/parse-strict.ts';
import type { Dialect, Expresses, JsonObject, JsonSchema, Place, WrittenServer } from '../family.ts';
import { closed, someText } from '../schema-parts.ts';

/** What tells one server from another in a policy; whatever else stands in a server is no part of it. */
export const identity: readonly Place[] = ['command', 'args', 'url'];

/** A policy compares values: a variable matches nothing, and `*` in an address would match anything. */
export const exactly: Dialect = { expands: /\$\{[^}]*\}?|\*/g };

export const policyExpresses: Expresses = {
  transports: ['stdio', 'http', 'sse'],
  inputs: [],
  defaults: false,
  cwd: false,
  timeout: false,
  enabled: true,
  tools: { allow: false, deny: false },
  description: false,
};

/** Exactly one way to tell a server: a command with all of its arguments, or an address. */
export const matcherSchema: JsonSchema = {
  type: 'array',
  items: {
    oneOf: [
      closed({ serverCommand: { type: 'array', items: { type: 'string' }, minItems: 1 } }),
      closed({ serverUrl: someText }),
    ],
  },
};

/** Names can be given to any server, so none is matched by its name. */
export function matchersOf(servers: readonly WrittenServer[], enabled: boolean): JsonValue[] {
  return servers.filter((server) => server.enabled === enabled).map(matcherOf);
}

function matcherOf({ transport, command, args, url }: WrittenServer): JsonObject {
  return transport === 'stdio' ? { serverCommand: [command, ...args] } : { serverUrl: url };
}

/** The two lists that Claude Code and Copilot share. */
export function lists(servers: readonly WrittenServer[]): JsonObject {
  const denied = matchersOf(servers, false);
  return {
    allowedMcpServers: matchersOf(servers, true),
    ...(denied.length > 0 ? { deniedMcpServers: denied } : {}),
  };
}
