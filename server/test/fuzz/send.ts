import { Agent, request } from 'node:http';
import { connect, type NetConnectOpts } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FuzzRequest } from './request.ts';

/** What came back. Status 0: nothing that is HTTP. */
export interface Answer {
  readonly status: number;
  readonly headers: string;
  readonly text: string;
  readonly ms: number;
  /** Why there is no whole answer. */
  readonly failure?: 'hung up' | 'no answer in time';
}

/** Past the longest that a tool waits. */
const patienceMs = 60_000;
/** A stream has said its first words by then. */
const streamMs = 150;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Sends a request whose placeholders are filled. `control` is the path of the owner-only socket. */
export async function send(asked: FuzzRequest, url: string, control: string): Promise<Answer> {
  const started = performance.now();
  const port = Number(new URL(url).port);
  const answer = asked.chunks
    ? await overSocket(asked.chunks, asked.surface === 'control' ? { path: control } : { port, host: '127.0.0.1' })
    : await overHttp(asked, port);
  return { ...answer, ms: performance.now() - started };
}

type Untimed = Omit<Answer, 'ms'>;

function overHttp(asked: FuzzRequest, port: number, again = true): Promise<Untimed> {
  return new Promise((resolve) => {
    const { method, path, body } = asked;
    const length = body.length > 0 ? ['content-length', String(body.length)] : [];
    const headers = ['host', `127.0.0.1:${port}`, ...length, ...asked.headers.flat()];
    const call = request({ host: '127.0.0.1', port, method, path, agent, setHost: false, headers });
    const timer = setTimeout(() => call.destroy(new Error('no answer in time')), patienceMs);
    const done = (answer: Untimed) => {
      clearTimeout(timer);
      resolve(answer);
    };
    call.on('response', (response) => {
      const parts: Buffer[] = [];
      const whole = () => ({
        status: response.statusCode ?? 0,
        headers: response.rawHeaders.join('\n'),
        text: Buffer.concat(parts).toString(),
      });
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => done(whole()));
      response.on('error', () => done(whole()));
      if (asked.stream) {
        setTimeout(() => {
          done(whole());
          call.destroy();
        }, streamMs);
      }
    });
    call.on('error', (error) => {
      const late = error.message === 'no answer in time';
      // A connection that the server closed while it was idle.
      if (!late && call.reusedSocket && again) return void overHttp(asked, port, false).then(done);
      done({ status: 0, headers: '', text: '', failure: late ? 'no answer in time' : 'hung up' });
    });
    call.end(body);
  });
}

/** Writes the parts with pauses, and takes what comes until the other side ends or falls silent. */
async function overSocket(parts: readonly Buffer[], to: NetConnectOpts): Promise<Untimed> {
  const socket = connect(to);
  const came: Buffer[] = [];
  let ended = false;
  let last = performance.now();
  socket.on('data', (part) => {
    came.push(part as Buffer);
    last = performance.now();
  });
  socket.on('close', () => {
    ended = true;
  });
  socket.on('error', () => undefined); // 'close' follows
  for (const part of parts) {
    if (!ended) socket.write(part);
    await sleep(10);
  }
  const quietMs = () => (came.length > 0 ? 50 : 400);
  while (!ended && performance.now() - last < quietMs()) await sleep(5);
  socket.destroy();
  const raw = Buffer.concat(came).toString();
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
  return { status, headers: status > 0 ? head : '', text: status > 0 ? rest.join('\r\n\r\n') : raw };
}
