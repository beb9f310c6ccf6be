import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Served, serveChild, type Undo } from '../support/serve-child.ts';
import { eventData, eventType, now, type Streams } from './side.ts';

await serveChild(start);

/** The floor: Node's own server, which writes the same bytes to everybody. Nothing is stored, nobody is looked at. */
async function start(_: null, undo: Undo): Promise<Served> {
  const readers = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
    response.write('retry: 1000\n\n');
    readers.add(response);
    request.once('close', () => readers.delete(response));
  });
  undo(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const info: Streams = { port: (server.address() as AddressInfo).port, path: '/', token: '' };
  let seq = 0;
  return {
    info,
    commands: {
      async emit() {
        const at = now();
        seq += 1;
        const event = {
          seq,
          id: `evt_${seq}`,
          type: eventType,
          time: new Date().toISOString(),
          subject: 'bench:event',
        };
        const data = JSON.stringify({ ...event, data: eventData });
        const frame = Buffer.from(`id: 1.${seq}\nevent: ${eventType}\ndata: ${data}\n\n`);
        for (const reader of readers) reader.write(frame);
        return at;
      },
    },
  };
}
