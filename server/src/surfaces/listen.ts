import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';

export interface Listener {
  readonly url: string;
  /** Takes no new connection, lets open calls end for a moment, then cuts them. */
  close(): Promise<void>;
}

const graceMs = 3000;

/** Listens with a web-standard handler. Port 0 takes a free one. */
export async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  host: string,
  port: number,
): Promise<Listener> {
  const server = createAdaptorServer({ fetch }) as Server;
  // Uploads of gigabytes take longer than Node's five minutes a request; headers stay bound by their own time limit.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    close: () =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
