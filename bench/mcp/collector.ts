import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Served, serveChild, type Undo } from '../support/serve-child.ts';

await serveChild(start);

/** Takes traces and forgets them. */
async function start(_: null, undo: Undo): Promise<Served> {
  const listener = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  });
  undo(() => {
    listener.close();
    listener.closeAllConnections();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return { info: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/v1/traces` };
}
