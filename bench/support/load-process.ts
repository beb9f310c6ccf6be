import { connect, type Socket } from 'node:net';
import { readAnswer } from './http-reader.ts';
import { serveChild } from './serve-child.ts';
import { quantile } from './stats.ts';

export interface LoadRequest {
  readonly port: number;
  /** The whole HTTP request, sent again and again on each connection, one at a time. */
  readonly request: string;
  readonly connections: number;
  readonly ms: number;
}

export interface LoadResult {
  readonly answers: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly bodyBytes: number;
  /** The first answer's body. */
  readonly sample: string;
}

await serveChild(async () => ({ info: null, commands: { load } }));

/** Keeps the connections busy for a while. Any answer that is not like the first one fails the run. */
async function load({ port, request, connections, ms }: LoadRequest): Promise<LoadResult> {
  const bytes = Buffer.from(request);
  const times: number[] = [];
  let first: Buffer | undefined;
  const started = performance.now();
  const until = started + ms;

  const check = (status: number, body: Buffer) => {
    first ??= Buffer.from(body);
    if (status === 200 && body.length === first.length) return;
    throw new Error(
      `answer ${times.length + 1}: status ${status}, ${body.length} bytes: ${body.toString().slice(0, 500)}`,
    );
  };

  await Promise.all(Array.from({ length: connections }, () => keepBusy(port, bytes, until, times, check)));
  return {
    answers: times.length,
    seconds: (performance.now() - started) / 1000,
    p50Ms: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    bodyBytes: first?.length ?? 0,
    sample: first?.toString() ?? '',
  };
}

function keepBusy(
  port: number,
  request: Buffer,
  until: number,
  times: number[],
  check: (status: number, body: Buffer) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let received: Buffer[] = [];
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const send = () => {
      sent = performance.now();
      socket.write(request);
    };
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(30_000, () => fail(new Error('no answer for 30 s')));
    socket.once('connect', send);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed a connection')));
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      try {
        const answer = readAnswer(received.length === 1 ? chunk : Buffer.concat(received));
        if (!answer) return;
        received = [];
        check(answer.status, answer.body);
      } catch (error) {
        return fail(error as Error);
      }
      const now = performance.now();
      times.push(now - sent);
      if (now < until) return send();
      resolve();
      socket.destroy();
    });
  });
}
