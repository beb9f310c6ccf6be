import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { type Listener, listen } from './listen.ts';

const large = 'x'.repeat(8 * 2 ** 20);
let listener: Listener | undefined;
let release = Promise.withResolvers<void>();
let begun: string[] = [];
afterEach(() => listener?.close());

/** A listener whose paths answer at once, with a lot, when released, when the body is here, or in two parts. */
async function start(graceMs: number): Promise<string> {
  release = Promise.withResolvers();
  begun = [];
  const answers: Record<string, (request: Request) => Response | Promise<Response>> = {
    '/now': () => new Response('now'),
    '/large': () => new Response(large),
    '/later': () => release.promise.then(() => new Response('later')),
    '/body': async (request) => new Response(String((await request.arrayBuffer()).byteLength)),
    '/parts': () => new Response(inParts()),
  };
  const answer = (request: Request) => {
    const { pathname } = new URL(request.url);
    begun.push(pathname);
    return answers[pathname]?.(request) as Response;
  };
  listener = await listen(answer, '127.0.0.1', 0, { graceMs });
  return listener.url;
}

/** Waits until a request for a path is being answered. */
const came = (path: string) => expect.poll(() => begun, { interval: 5 }).toContain(path);

function inParts(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async start(controller) {
      controller.enqueue(Buffer.from('first '));
      await release.promise;
      controller.enqueue(Buffer.from('second'));
      controller.close();
    },
  });
}

const ask = (path: string, init: RequestInit = {}) => fetch(`${listener?.url}${path}`, init);

test('an answer that is still on its way at the stop arrives whole, however slowly it is read', async () => {
  await start(20_000);
  const socket = await rawGet('/large');
  await came('/large');
  await sleep(200); // The handler has returned; what the connection did not take waits in the server.
  const closed = listener?.close();
  let received = 0;
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  await new Promise((resolve) => socket.once('close', resolve).resume());
  expect(received).toBeGreaterThan(large.length);
  await closed;
});

/** A request whose answer nobody reads yet. */
async function rawGet(path: string): Promise<Socket> {
  const { hostname, port } = new URL(listener?.url ?? '');
  const socket = connect(Number(port), hostname);
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  return socket;
}

test('what was asked before the stop is answered, also in parts; nothing new is', async () => {
  const url = await start(20_000);
  const [later, parts] = [ask('/later'), await ask('/parts')];
  await came('/later');
  const closed = listener?.close();
  await expect(fetch(`${url}/now`)).rejects.toThrow();
  release.resolve();
  expect(await (await later).text()).toBe('later');
  expect((await later).headers.get('connection')).toBe('close');
  expect(await parts.text()).toBe('first second');
  await closed;
});

test('a connection that is kept busy is told to try elsewhere, and does not hold up the stop', async () => {
  await start(20_000);
  const [agent, other] = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })];
  const answers: { status: number; text: string }[] = [];
  const asking = (async () => {
    for (;;) answers.push(await get('/now', agent));
  })().catch(() => undefined);
  const later = get('/later', other);
  while (answers.length < 5) await sleep(5);
  const closed = listener?.close();
  release.resolve();
  await Promise.all([asking, later, closed]);
  expect(
    answers.every(({ status, text }) => (status === 200 ? text === 'now' : JSON.parse(text).error.retryable)),
  ).toBe(true);
  expect((await later).text).toBe('later');
  agent.destroy();
  other.destroy();
});

function get(path: string, agent: Agent): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const call = request(`${listener?.url}${path}`, { agent }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    call.on('error', reject).end();
  });
}

test('what takes longer than a stop may is refused in words that say to try again', async () => {
  await start(300);
  const never = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(Buffer.from('some')) });
  const [later, body] = [ask('/later'), ask('/body', { method: 'PUT', body: never, duplex: 'half' } as RequestInit)];
  await came('/later');
  await came('/body');
  await listener?.close();
  for (const answer of [await later, await body]) {
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: { code: 'UNAVAILABLE', retryable: true } });
  }
});

test('an idle connection is kept for longer than proxies keep theirs', async () => {
  await start(1000);
  const response = await ask('/now');
  const [, seconds] = /timeout=(\d+)/.exec(response.headers.get('keep-alive') ?? '') ?? [];
  expect(Number(seconds)).toBeGreaterThan(60);
});

test('who is answered before his body was read is told not to go on behind it', async () => {
  await start(20_000);
  const endless = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(Buffer.from('some')) });
  const refused = await ask('/now', { method: 'PUT', body: endless, duplex: 'half' } as RequestInit);
  expect(refused.headers.get('connection')).toBe('close');
  const taken = await ask('/body', { method: 'PUT', body: 'all of it' });
  expect(taken.headers.get('connection')).toBe('keep-alive');
});

test('an upload that arrives within the time of a stop is taken', async () => {
  await start(20_000);
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      for (let part = 0; part < 5; part += 1) {
        controller.enqueue(Buffer.from('12345'));
        await sleep(50);
      }
      controller.close();
    },
  });
  const answer = ask('/body', { method: 'PUT', body, duplex: 'half' } as RequestInit);
  await came('/body');
  const closed = listener?.close();
  expect(await (await answer).text()).toBe('25');
  await closed;
});

test('a port that is taken is said so', async () => {
  const url = new URL(await start(100));
  await expect(listen(() => new Response(), url.hostname, Number(url.port))).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: `Another program listens at ${url.host}.`,
    suggestion: expect.stringContaining('--port'),
  });
});
