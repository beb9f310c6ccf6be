import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createEgressFetch, type EgressFetch, type EgressFetchSettings } from './egress.ts';

const maxBytes = 1000;
let server: Server;
let port: number;
let seen: string[];
let sockets: number;
let answer: RequestListener;
const made: EgressFetch[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(String(request.headers.host));
    answer(request, response);
  });
  server.on('connection', () => (sockets += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  await Promise.all(made.map((egress) => egress.close()));
  await new Promise((resolve) => server.close(resolve).closeAllConnections());
});
beforeEach(() => {
  seen = [];
  sockets = 0;
  answer = (_request, response) => response.end('hello');
});

function egress(more: Partial<EgressFetchSettings> = {}): EgressFetch['fetch'] {
  const next = createEgressFetch({ allow: ['127.0.0.1'], maxBytes, ...more });
  made.push(next);
  return next.fetch;
}
const at = (host = '127.0.0.1') => `http://${host}:${port}/`;
const refused = expect.objectContaining({ code: 'EGRESS_REFUSED' });

test('addresses that are not public are refused, written as such or behind a name, and nobody is asked', async () => {
  const lookup = async () => ({ address: '127.0.0.1', family: 4 });
  await expect(egress({ allow: [] })(at())).rejects.toEqual(refused);
  await expect(egress({ allow: [] })(at('[::1]'))).rejects.toEqual(refused);
  await expect(egress({ allow: [], lookup })(at('inner.example'))).rejects.toEqual(refused);
  await expect(egress()('file:///etc/passwd')).rejects.toEqual(refused);
  await expect(egress()(`http://user:word@127.0.0.1:${port}/`)).rejects.toEqual(refused);
  expect(seen).toEqual([]);
});

test('each new connection goes to an address that was just checked; one that is kept needs no check', async () => {
  const addresses = ['127.0.0.1', '169.254.169.254'];
  const lookup = async () => ({ address: addresses.shift() ?? '', family: 4 });
  const fetch = egress({ lookup });
  const request = async () => {
    const text = await (await fetch(at('rebind.example'))).text();
    // The connection is free for another request a moment after the last byte was read.
    await sleep(50);
    return text;
  };
  expect(await request()).toBe('hello');
  expect(await request()).toBe('hello');
  expect({ seen: seen.length, sockets, left: addresses.length }).toEqual({ seen: 2, sockets: 1, left: 1 });
  answer = (_request, response) => response.writeHead(200, { connection: 'close' }).end('bye');
  expect(await request()).toBe('bye');
  await expect(request()).rejects.toEqual(refused);
  expect(seen).toHaveLength(3);
});

test('a redirect is answered, not followed', async () => {
  answer = (_request, response) => response.writeHead(302, { location: at() }).end();
  expect((await egress()(at())).status).toBe(302);
  expect(seen).toHaveLength(1);
});

test('a body beyond the cap breaks off; events count each for itself', async () => {
  const tooLarge = expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' });
  answer = (_request, response) => response.end('x'.repeat(maxBytes + 1));
  await expect((await egress()(at())).text()).rejects.toEqual(tooLarge);
  const event = `data: ${'x'.repeat(400)}\n\n`;
  answer = (_request, response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(event.repeat(20));
  expect(await (await egress()(at())).text()).toHaveLength(event.length * 20);
  const endless = `${`data: ${'x'.repeat(400)}\r\n`.repeat(3)}\r\n`;
  answer = (_request, response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(endless);
  await expect((await egress()(at())).text()).rejects.toEqual(tooLarge);
});
