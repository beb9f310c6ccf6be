import { homedir } from 'node:os';
import path from 'node:path';

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

/** Where `tutti serve` keeps its data when not told otherwise. */
function defaultDataDir(env: NodeJS.ProcessEnv): string {
  if (process.getuid?.() === 0) return '/var/lib/tutti';
  return path.join(env.XDG_DATA_HOME ?? path.join(homedir(), '.local', 'share'), 'tutti');
}
