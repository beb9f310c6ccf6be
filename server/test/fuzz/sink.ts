import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where webhooks of the run send to: by the last digit of the address it takes, fails, leads astray or says too much. */
const answers: readonly ((response: ServerResponse) => void)[] = [
  (response) => response.writeHead(204).end(),
  (response) => response.writeHead(500).end('at Object.<anonymous> (/srv/x.ts:1)'),
  (response) => response.writeHead(302, { location: 'http://169.254.169.254/latest/' }).end(),
  (response) => response.writeHead(410).end(),
  (response) => response.writeHead(200).end('x'.repeat(200_000)),
  (response) => response.destroy(),
];

/** A server on loopback; answers the beginning of its addresses. */
export async function startSink(): Promise<{ url: string; stop(): void }> {
  const server = createServer((request, response) => {
    request.resume();
    const digit = Number(request.url?.at(-1)) || 0;
    answers[digit % answers.length]?.(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sink-`,
    stop: () => server.close().closeAllConnections(),
  };
}
