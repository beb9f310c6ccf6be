import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A service on loopback that is called: keeps the headers of each call, and answers 200, or 503 at `/broken`. */
export async function startReceiver(): Promise<{
  readonly url: string;
  readonly calls: readonly IncomingHttpHeaders[];
  close(): Promise<void>;
}> {
  const calls: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    calls.push(request.headers);
    request.resume().once('end', () => response.writeHead(request.url === '/broken' ? 503 : 200).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
