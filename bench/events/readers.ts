import { connect, type Socket } from 'node:net';
import { serveChild } from '../support/serve-child.ts';
import { eventType, now, type Streams } from './side.ts';

export interface OpenCommand extends Streams {
  readonly readers: number;
}

const marker = Buffer.from(`event: ${eventType}\n`);
const sockets: Socket[] = [];
let expected = 0;
let received = 0;
let all = Promise.withResolvers<string>();

/** Many readers of streams in one process, which tells when the last of them has an event. */
await serveChild(async (_: null, undo) => {
  undo(close);
  return { info: null, commands: { open, arm, wait: () => all.promise, close } };
});

async function open({ port, path, token, readers }: OpenCommand): Promise<void> {
  const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`;
  while (sockets.length < readers) {
    const size = Math.min(50, readers - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: size }, () => openOne(port, request)))));
  }
}

function openOne(port: number, request: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('error', reject);
    socket.write(request);
    socket.on('data', (chunk) => {
      // The head of the answer comes with its first chunk; events come in one chunk each.
      if (chunk.includes('HTTP/1.1 ')) {
        if (chunk.includes(' 200 ')) resolve(socket);
        else reject(new Error(chunk.toString()));
      }
      for (let at = chunk.indexOf(marker); at >= 0; at = chunk.indexOf(marker, at + 1)) received += 1;
      if (received === expected && expected > 0) all.resolve(now());
    });
  });
}

/** The next event is the one that is waited for. */
async function arm(): Promise<void> {
  received = 0;
  expected = sockets.length;
  all = Promise.withResolvers();
}

async function close(): Promise<void> {
  for (const socket of sockets.splice(0)) socket.destroy();
}
