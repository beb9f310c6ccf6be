import { lstatSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { type Failure, TuttiError } from './error.ts';

/** What a bridge asks the server of a data directory for. */
export interface ControlRequest {
  readonly toolsets?: readonly string[];
  readonly read_only?: boolean;
  /** Capability variables, which the server holds for this connection only. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** A token that holds as long as its connection to the server is open. */
export interface Grant {
  readonly url: string;
  readonly token: string;
  /** Whether it still holds, and for long enough to be used. */
  holds(): boolean;
  close(): void;
}

/** The address of a directory's owner-only socket, whether or not anybody listens there. */
export function controlSocket(dataDir: string): string {
  try {
    const { control } = JSON.parse(readFileSync(path.join(dataDir, 'server.json'), 'utf8'));
    if (typeof control === 'string') return control;
  } catch {
    // No server ran here yet, or it is just writing the note.
  }
  return path.join(dataDir, 'control.sock');
}

/** Asks for a token; undefined when no server listens. The variables go to a socket of this user only. */
export async function askToken(socketPath: string, request: ControlRequest): Promise<Grant | undefined> {
  if (!isThere(socketPath)) return undefined;
  const socket = connect(socketPath);
  const line = await new Promise<string | undefined>((resolve, reject) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.once('connect', () => socket.write(`${JSON.stringify({ ask: 'token', ...request })}\n`));
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(text);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EACCES') reject(notYours(socketPath));
      else resolve(undefined);
    });
    // A server that is just ending hangs up without an answer.
    socket.once('close', () => resolve(undefined));
  });
  if (line === undefined) return undefined;
  const answer = JSON.parse(line) as { url: string; token: string; expires_at: string; error?: Failure };
  if (answer.error) {
    socket.destroy();
    throw new TuttiError(answer.error);
  }
  const life = Date.parse(answer.expires_at) - Date.now();
  const renewAt = performance.now() + life * 0.8;
  // The end of standard input ends a bridge, not this connection.
  socket.unref();
  return {
    url: answer.url,
    token: answer.token,
    holds: () => !socket.closed && performance.now() < renewAt,
    close: () => void socket.destroy(),
  };
}

/** Whether there is a socket, of this user and in a directory where nobody else could have put it. */
function isThere(socketPath: string): boolean {
  const socket = lstatSync(socketPath, { throwIfNoEntry: false });
  if (!socket) return false;
  const directory = statSync(path.dirname(socketPath));
  const user = process.getuid?.() ?? socket.uid;
  const owned = socket.uid === user && directory.uid === user && (directory.mode & 0o022) === 0;
  if (!socket.isSocket() || !owned) throw notYours(socketPath);
  return true;
}

function notYours(socketPath: string): TuttiError {
  return new TuttiError({
    code: 'FORBIDDEN',
    message: `${socketPath} is not a socket of yours alone.`,
    suggestion: 'Run this as the user of the server, or connect over HTTP with a token: tutti token create.',
    retryable: false,
  });
}
