import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { startGrpc } from './grpc.ts';
import { createRest } from './rest.ts';
import type { State } from './state.ts';

/**
 * A Weaviate in memory, as far as Tutti uses one, written from its published API. Tells its two ports as JSON, and ends
 * with whoever started it: `WEAVIATE_KEY` is the API key that it wants, `WEAVIATE_VERSION` what it says to be.
 */
const state: State = {
  apiKey: process.env.WEAVIATE_KEY,
  version: process.env.WEAVIATE_VERSION ?? '1.37.5',
  collections: new Map(),
  faults: [],
  calls: {},
  docIds: 0,
};

const sockets = new Set<Socket>();
const breakConnections = () => {
  for (const socket of sockets) socket.destroy();
};
const port = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

const inner = await startGrpc(state, breakConnections);
// What goes through here can be broken off, as a network does it.
const outer = createServer((socket) => {
  const behind = connect(inner.port, '127.0.0.1');
  for (const [one, other] of [
    [socket, behind],
    [behind, socket],
  ] as const) {
    sockets.add(one);
    one.pipe(other);
    one.on('error', () => other.destroy());
    one.on('close', () => {
      sockets.delete(one);
      other.destroy();
    });
  }
});

process.stdin.resume().on('end', () => process.exit());
process.stdout.write(
  `${JSON.stringify({ http: await port(createRest(state, breakConnections)), grpc: await port(outer) })}\n`,
);
