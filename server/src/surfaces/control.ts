import { createServer, type Socket } from 'node:net';
import { z } from 'zod';
import { holdConnection } from '../core/auth/connection.ts';
import { deleteToken, listTokens } from '../core/auth/store.ts';
import { createToken } from '../core/auth/tokens.ts';
import type { Db } from '../core/db/database.ts';
import { AppError, envelope } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import { type Toolset, toolsets } from '../core/tool.ts';
import { controlPath, listenPrivately } from './control-socket.ts';

/** The principal of everybody who connects by the socket. The name is reserved: its grants are set again each time. */
const principal = 'stdio';

/** All that it may do. To approve and to write policy stay with tokens that the operator mints. */
const grants: readonly string[] = [
  ...toolsets.flatMap((toolset) => ['read', 'write', 'destroy'].map((effect) => `${toolset}:${effect}`)),
  'config:publish',
  'config:audit',
];

/** The variables that a connection may bring along for the time that it lasts. */
const variable = z.enum(['ORCHESTRA_API_KEY', 'ORCHESTRA_API_BASE_URL', 'ORCHESTRA_API_KEY_FILE']);

const requestSchema = z.strictObject({
  ask: z.literal('token'),
  toolsets: z
    .array(z.enum(toolsets))
    .min(1)
    .default([...toolsets]),
  read_only: z.boolean().default(false),
  ttl_s: z.number().int().min(1).max(86_400).default(3600),
  variables: z.partialRecord(variable, z.string().min(1).max(8192)).default({}),
});
type ControlRequest = z.output<typeof requestSchema>;

const maxRequestBytes = 64 * 1024;
const patienceMs = 10_000;

export interface ControlSettings {
  readonly dataDir: string;
  readonly db: Db;
  readonly log: Logger;
  /** Where this server answers HTTP. */
  readonly url: string;
}

export interface Control {
  /** The socket. */
  readonly path: string;
  /** Ends every connection and what it was given. */
  close(): Promise<void>;
}

/**
 * The owner-only socket of a data directory. A connection sends one JSON line and gets one:
 * `{"ask": "token", "toolsets": ["lake"], "read_only": true, "ttl_s": 3600}` → `{"url", "token", "expires_at"}`. Who can
 * connect is the owner, so no token is needed; the token that it gets holds as long as the connection stays open.
 */
export async function openControl({ dataDir, db, log, url }: ControlSettings): Promise<Control> {
  const path = controlPath(dataDir);
  await forgetAll(db);
  const sockets = new Map<Socket, Promise<void>>();
  const server = createServer((socket) => {
    const served = serve(socket).catch((error: unknown) => log.error({ error }, 'a connection did not end well'));
    sockets.set(socket, served);
    void served.then(() => sockets.delete(socket));
  });
  await listenPrivately(server, path);
  server.on('error', (error) => log.error({ error }, 'the control socket failed'));

  return {
    path,
    async close() {
      server.close();
      for (const socket of sockets.keys()) socket.destroy();
      await Promise.all(sockets.values());
    },
  };

  async function serve(socket: Socket): Promise<void> {
    const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined); // 'close' follows
    try {
      const request = parse(await readLine(socket));
      const { answer, forget } = await grant(request);
      log.debug({ toolsets: request.toolsets, read_only: request.read_only }, 'a bridge connected');
      if (!socket.destroyed) socket.write(`${JSON.stringify(answer)}\n`);
      await ended;
      await forget();
    } catch (error) {
      if (!(error instanceof AppError)) log.error({ error }, 'a request at the control socket failed');
      if (!socket.destroyed) socket.end(`${JSON.stringify(envelope(error))}\n`, () => socket.destroy());
      await ended;
    }
  }

  async function grant(request: ControlRequest) {
    const expiresAt = new Date(Date.now() + request.ttl_s * 1000);
    const only = scopesOf(request.toolsets, request.read_only);
    const { id, secret } = await createToken(db, { name: principal, grants, only, expiresAt });
    const drop = holdConnection(id, request.variables);
    return {
      answer: { url: nearBy(url), token: secret, expires_at: expiresAt.toISOString() },
      async forget() {
        drop();
        await deleteToken(db, id);
      },
    };
  }
}

/** A server that was killed could not take back what it gave. */
async function forgetAll(db: Db): Promise<void> {
  for (const token of await listTokens(db)) {
    if (token.name === principal) await deleteToken(db, token.token_id);
  }
}

function scopesOf(wanted: readonly Toolset[], readOnly: boolean): string[] {
  const prefixes = [...new Set<Toolset>(['system', ...wanted])].map((toolset) => `${toolset}:`);
  const inside = grants.filter((scope) => prefixes.some((prefix) => scope.startsWith(prefix)));
  return readOnly ? inside.filter((scope) => scope.endsWith(':read')) : inside;
}

/** A server that listens on every address is reached on loopback, by a name that it answers to. */
function nearBy(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}

function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(badRequest('No request came.')), patienceMs);
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      // What follows the first line is read and left alone, so that the end of the connection is seen.
      if (text.includes('\n')) return;
      text += chunk;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
      else if (text.length > maxRequestBytes) reject(badRequest('The request is too long.'));
    });
    socket.once('close', () => {
      clearTimeout(timer);
      reject(badRequest('The connection ended before its request.'));
    });
  });
}

function parse(line: string): ControlRequest {
  try {
    const parsed = requestSchema.safeParse(JSON.parse(line));
    if (parsed.success) return parsed.data;
  } catch {
    // Said below, in the same words as for JSON of another form.
  }
  throw badRequest('The request is not valid.');
}

function badRequest(message: string): AppError {
  return new AppError(
    'BAD_REQUEST',
    message,
    `Send one line such as {"ask": "token", "toolsets": ["lake"], "read_only": true}; the toolsets are ${toolsets.join(', ')}.`,
  );
}
