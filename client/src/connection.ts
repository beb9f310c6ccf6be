import { readFileSync } from 'node:fs';
import path from 'node:path';
import { TuttiError } from './error.ts';
import type { Environment } from './settings.ts';

/** The flags that say which server to talk to. */
export interface ConnectionFlags {
  readonly url?: string;
  readonly token?: string;
  readonly dataDir?: string;
}

export interface Connection {
  readonly url: string;
  /** Absent when none was given and the server is not that of the data directory. */
  readonly token: string | undefined;
}

/**
 * Finds the server: by flag, by variable, else the one that runs on the data directory. The administrator's token of that
 * directory is for that server alone; it never goes to another address.
 */
export function findServer(flags: ConnectionFlags, environment: Environment): Connection {
  const dataDir = path.resolve(flags.dataDir ?? environment.dataDir);
  const token = flags.token ?? environment.token;
  // A directory named by flag says more than an address from a variable.
  const named = flags.url ?? (flags.dataDir === undefined ? environment.url : undefined);
  const own = runningServer(dataDir);
  if (named !== undefined) {
    const origin = originOf(named);
    const isOwn = own !== undefined && origin === originOf(own);
    return { url: named, token: token ?? (isOwn ? adminToken(dataDir) : undefined) };
  }
  if (own === undefined) throw nothingRuns(dataDir);
  return { url: own, token: token ?? adminToken(dataDir) };
}

/** The token of a connection that needs one. */
export function requireToken({ url, token }: Connection): string {
  if (token !== undefined) return token;
  throw new TuttiError({
    code: 'UNAUTHENTICATED',
    message: `There is no token for ${url}.`,
    suggestion: 'Give one with --token or TUTTI_TOKEN; its operator mints it with `tutti token create`.',
    retryable: false,
  });
}

/** The address of a directory's server. The note stays when a server ends, and another program may listen there by now. */
function runningServer(dataDir: string): string | undefined {
  try {
    const { pid, url } = JSON.parse(readFileSync(path.join(dataDir, 'server.json'), 'utf8'));
    return isAlive(pid) && typeof url === 'string' ? url : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: unknown): boolean {
  if (typeof pid !== 'number') return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function adminToken(dataDir: string): string | undefined {
  try {
    return readFileSync(path.join(dataDir, 'admin.token'), 'utf8').trim();
  } catch {
    return undefined;
  }
}

function originOf(url: string): string {
  if (URL.canParse(url)) return new URL(url).origin;
  throw new TuttiError({
    code: 'VALIDATION_FAILED',
    message: `${JSON.stringify(url)} is no address of a server.`,
    suggestion: 'Give one such as http://127.0.0.1:7410.',
    retryable: false,
  });
}

function nothingRuns(dataDir: string): TuttiError {
  return new TuttiError({
    code: 'UNAVAILABLE',
    message: `No Tutti runs on ${dataDir}.`,
    suggestion: 'Start it with `tutti serve`, or name a running one with --url or TUTTI_URL.',
    retryable: true,
  });
}
