import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveChild } from '../support/serve-child.ts';

/** Takes POSTs, answers 200, and tells when so many have come. */
await serveChild(async (_: null, undo) => {
  let received = 0;
  let wanted = Number.POSITIVE_INFINITY;
  let done: () => void = () => undefined;
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      response.end();
      received += 1;
      if (received === wanted) done();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo(() => server.closeAllConnections());
  return {
    info: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    commands: {
      async take(count: number): Promise<void> {
        received = 0;
        wanted = count;
        await new Promise<void>((resolve) => {
          done = resolve;
        });
      },
    },
  };
});
