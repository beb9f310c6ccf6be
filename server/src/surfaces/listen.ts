import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { AppError, envelope, errorRow } from '../core/errors.ts';

export interface Listener {
  readonly url: string;
  /**
   * Takes no new connection and no new request, lets what was asked before be answered, and refuses after a while what
   * still is not. No answer that has begun is cut off while there is time.
   */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** How long a stop waits for open requests. */
  readonly graceMs?: number;
}

/** For the refusals at the end of a stop to reach their callers. */
const refusalMs = 1000;
/** How long an idle connection is kept; Node's own five seconds are shorter than most proxies'. */
const keepAliveMs = 75_000;

type Fetch = (request: Request, env: HttpBindings) => Response | Promise<Response>;

/** Listens with a web-standard handler. Port 0 takes a free one. */
export async function listen(
  fetch: Fetch,
  host: string,
  port: number,
  { graceMs = 3000 }: ListenOptions = {},
): Promise<Listener> {
  const open = new Set<(answer: Response) => void>();
  let closing = false;
  const handle: Fetch = async (request, env) => {
    if (closing) return refusal();
    const refused = Promise.withResolvers<Response>();
    open.add(refused.resolve);
    try {
      const response = await Promise.race([fetch(request, env), refused.promise]);
      // Whoever is answered before his body was read may not send a next request behind it.
      if (!env.incoming.complete) lastOfItsConnection(env.outgoing);
      return response;
    } finally {
      open.delete(refused.resolve);
    }
  };
  const server = createAdaptorServer({
    fetch: handle as (request: Request, env: unknown) => Promise<Response>,
  }) as Server;
  // Uploads of gigabytes take longer than Node's five minutes a request; headers stay bound by their own time limit.
  server.requestTimeout = 0;
  // Longer than proxies keep theirs (60 s mostly), and than a busy client may need to hear of the end: a request that is sent
  // as its connection closes is lost to both.
  server.keepAliveTimeout = keepAliveMs;
  const { answering, idle } = watchConnections(server, () => closing);
  // Node's own takes a connection for idle whose answer is written but has not left the process, and cuts that off.
  server.closeIdleConnections = () => {
    for (const socket of idle()) socket.destroy();
  };
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? portTaken(host, port) : error),
    );
    server.listen(port, host, resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    close: () =>
      new Promise((resolve) => {
        closing = true;
        for (const response of answering) lastOfItsConnection(response);
        const refuse = setTimeout(() => {
          for (const answer of open) answer(refusal());
        }, graceMs);
        const cut = setTimeout(() => server.closeAllConnections(), graceMs + refusalMs);
        server.close(() => {
          clearTimeout(refuse);
          clearTimeout(cut);
          resolve();
        });
      }),
  };
}

/** Knows the answers that have not left the process wholly, and the connections that have none. */
function watchConnections(server: Server, closing: () => boolean) {
  const sockets = new Set<Socket>();
  const answering = new Set<ServerResponse>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    answering.add(response);
    if (closing()) lastOfItsConnection(response);
    response.once('close', () => {
      answering.delete(response);
      // Its headers were out before the stop, so the caller takes the connection for one that goes on.
      if (closing()) request.socket.end();
    });
  });
  const idle = () => {
    const busy = new Set([...answering].map((response) => response.req.socket));
    return [...sockets].filter((socket) => !busy.has(socket));
  };
  return { answering, idle };
}

function lastOfItsConnection(response: HttpBindings['outgoing'] | ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}

function refusal(): Response {
  const error = new AppError(
    'UNAVAILABLE',
    'The server is stopping.',
    'Try again when it is back, with the same idempotency_key if you gave one.',
  );
  return Response.json(envelope(error), { status: errorRow(error.code).http });
}

function portTaken(host: string, port: number): AppError {
  return new AppError(
    'UNAVAILABLE',
    `Another program listens at ${host}:${port}.`,
    'End it, or choose another port with --port; 0 takes a free one.',
  );
}
