import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveChild } from '../support/serve-child.ts';

/** A bare node:http server that answers every request with the same bytes. */
await serveChild(async (_: null, undo) => {
  let bytes = Buffer.alloc(0);
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length, etag: '"same"' });
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    info: { port: (server.address() as AddressInfo).port },
    commands: {
      async take(base64: string) {
        bytes = Buffer.from(base64, 'base64');
      },
    },
  };
});
