import path from 'node:path';
import { runBridge } from './bridge.ts';
import type { Endpoint } from './bridge-http.ts';
import { orchestraNotes } from './bridge-notes.ts';
import { reachServer } from './bridge-server.ts';
import { createSession } from './bridge-session.ts';
import { badInput } from './error.ts';
import { type Environment, readBridgeEnvironment } from './settings.ts';

export interface McpFlags {
  readonly toolsets?: string;
  readonly readOnly?: boolean;
  readonly debug?: boolean;
  readonly dataDir?: string;
}

const toolsets = ['system', 'lake', 'ops', 'workflows', 'orchestra', 'config'];

/**
 * `tutti mcp`: MCP over standard input and output, by the server of the data directory, which is started when none runs.
 * Only messages of the protocol go to standard output.
 */
export async function mcp(flags: McpFlags, environment: Environment): Promise<number> {
  const { stdin, stdout, stderr } = process;
  const { variables, forServer } = readBridgeEnvironment();
  const wanted = readToolsets(flags.toolsets);
  const debug = (text: string) => void (flags.debug && stderr.write(text));
  if (wanted === undefined || wanted.includes('orchestra')) debug(orchestraNotes(variables));
  const ended = new AbortController();
  const reach = {
    dataDir: path.resolve(flags.dataDir ?? environment.dataDir),
    request: {
      ...(wanted ? { toolsets: wanted } : {}),
      ...(flags.readOnly ? { read_only: true } : {}),
      variables,
    },
    environment: forServer,
    note: debug,
    signal: ended.signal,
  };
  await runBridge({
    input: stdin,
    write: (line) => void stdout.write(`${line}\n`),
    session: createSession((patienceMs) => reachServer(reach, patienceMs)),
    endpoint: endpointOf(wanted, flags.readOnly ?? false),
    debug,
  });
  ended.abort();
  return 0;
}

/** The toolsets that were asked for; undefined means the common tools of all of them. */
function readToolsets(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !toolsets.includes(name));
  if (unknown.length === 0) return [...new Set(names)];
  throw badInput(`${JSON.stringify(unknown[0])} is no toolset.`, `The toolsets are ${toolsets.join(', ')}.`);
}

function endpointOf(wanted: readonly string[] | undefined, readOnly: boolean): Endpoint {
  const path = wanted === undefined ? 'mcp' : wanted.length === 1 ? `mcp/${wanted[0]}` : 'mcp/all';
  return {
    path,
    headers: {
      ...(wanted ? { 'x-mcp-toolsets': wanted.join(',') } : {}),
      ...(readOnly ? { 'x-mcp-readonly': 'true' } : {}),
    },
  };
}
