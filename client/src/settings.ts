import { homedir } from 'node:os';
import path from 'node:path';
import type { Places } from './connect-clients.ts';

/** What the environment says of the server to talk to. */
export interface Environment {
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly dataDir: string;
}

/** Reads the environment: the only place that does. An empty variable is one that is not set. */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  return {
    url: env.TUTTI_URL || undefined,
    token: env.TUTTI_TOKEN || undefined,
    dataDir: env.TUTTI_DATA_DIR || defaultDataDir(env),
  };
}

/** What `tutti mcp` takes from its environment. */
export interface BridgeEnvironment {
  /** The capability variables: they go to the server for this connection only. */
  readonly variables: Readonly<Record<string, string>>;
  /** The environment for a server that the bridge starts. That one serves others too, so it gets no such variable. */
  readonly forServer: NodeJS.ProcessEnv;
}

const capabilityVariables = ['ORCHESTRA_API_KEY', 'ORCHESTRA_API_BASE_URL', 'ORCHESTRA_API_KEY_FILE'];

export function readBridgeEnvironment(env: NodeJS.ProcessEnv = process.env): BridgeEnvironment {
  const own = new Set([...capabilityVariables, 'TUTTI_URL', 'TUTTI_TOKEN']);
  const config = env.TUTTI_CONFIG ? { TUTTI_CONFIG: path.resolve(env.TUTTI_CONFIG) } : {};
  return {
    variables: Object.fromEntries(capabilityVariables.flatMap((name) => (env[name] ? [[name, env[name]]] : []))),
    forServer: { ...Object.fromEntries(Object.entries(env).filter(([name]) => !own.has(name))), ...config },
  };
}

/** Where the clients of this user keep their files: see `tutti connect`. */
export function readPlaces(env: NodeJS.ProcessEnv = process.env): Places {
  return {
    home: homedir(),
    project: process.cwd(),
    platform: process.platform,
    codexHome: env.CODEX_HOME || undefined,
    searchPath: (env.PATH ?? '').split(path.delimiter).filter(Boolean),
    appData: env.APPDATA || undefined,
  };
}

/** Where `tutti serve` keeps its data when not told otherwise. */
function defaultDataDir(env: NodeJS.ProcessEnv): string {
  if (process.getuid?.() === 0) return '/var/lib/tutti';
  return path.join(env.XDG_DATA_HOME ?? path.join(homedir(), '.local', 'share'), 'tutti');
}
