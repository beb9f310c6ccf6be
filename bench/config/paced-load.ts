import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { serveChild } from '../support/serve-child.ts';
import { quantile } from '../support/stats.ts';

export interface PacedRequest {
  readonly port: number;
  /** The whole HTTP request. */
  readonly request: string;
  /** Requests a second, spread evenly over the connections. */
  readonly rate: number;
  readonly connections: number;
  readonly ms: number;
  /** The status that each answer must have. */
  readonly status: number;
}

export interface PacedResult {
  readonly answers: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

await serveChild(async () => ({ info: null, commands: { load } }));

/** Asks at a rate, whether answers come or not: each one's time counts from when it was due to be asked. */
async function load(wanted: PacedRequest): Promise<PacedResult> {
  const { connections, rate, ms } = wanted;
  const started = performance.now() + 50;
  const everyMs = (1000 * connections) / rate;
  const lanes = Array.from({ length: connections }, (_, lane) => {
    const first = started + (everyMs * lane) / connections;
    const due = Array.from({ length: Math.floor(ms / everyMs) }, (_, at) => first + at * everyMs);
    return ask(wanted, due);
  });
  const times = (await Promise.all(lanes)).flat();
  return {
    answers: times.length,
    perSecond: (times.length * 1000) / (performance.now() - started),
    p50Ms: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    p99Ms: quantile(times, 0.99),
  };
}

/** One connection: asks at the times that are due, or as soon as the answer before is there. */
async function ask({ port, request, status }: PacedRequest, due: readonly number[]): Promise<number[]> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const bytes = Buffer.from(request);
  let missing = -1;
  let answered: PromiseWithResolvers<void> | undefined;
  socket.on('data', (chunk: Buffer) => {
    try {
      // The head of an answer comes in one piece: the server writes it at once.
      missing = missing < 0 ? leftAfter(chunk, status) : missing - chunk.length;
    } catch (error) {
      answered?.reject(error);
    }
    if (missing === 0) answered?.resolve();
  });
  socket.on('error', (error) => answered?.reject(error));
  socket.on('close', () => answered?.reject(new Error('the server closed a connection')));
  const times: number[] = [];
  for (const at of due) {
    const early = at - performance.now();
    if (early > 0) await sleep(early);
    // A timer may come a moment too early.
    const from = Math.min(at, performance.now());
    answered = Promise.withResolvers();
    missing = -1;
    socket.write(bytes);
    await answered.promise;
    times.push(performance.now() - from);
  }
  answered = undefined;
  socket.destroy();
  return times;
}

/** How many bytes of an answer are still to come after its first piece. */
function leftAfter(chunk: Buffer, status: number): number {
  const headEnd = chunk.indexOf('\r\n\r\n');
  const head = chunk.toString('latin1', 0, headEnd);
  if (headEnd < 0 || Number(head.slice(9, 12)) !== status)
    throw new Error(`not ${status}: ${chunk.toString().slice(0, 500)}`);
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  return headEnd + 4 + length - chunk.length;
}
