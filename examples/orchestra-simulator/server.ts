import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, createClock } from './clock.ts';
import { type Answer, detail, Invalid, invalid, json } from './http/answer.ts';
import { control, type Seen } from './http/control.ts';
import { createFaultPlan, type Fault, type FaultPlan } from './http/faults.ts';
import { fileRoutes } from './http/files.ts';
import { pipelineRoutes } from './http/pipelines.ts';
import type { Route } from './http/request.ts';
import { runRoutes } from './http/runs.ts';
import { send } from './http/send.ts';
import { taskRoutes } from './http/tasks.ts';
import { createState, type State } from './state.ts';

export interface SimulatorOptions {
  readonly port?: number;
  readonly clock?: Clock;
  readonly key?: string;
  /** A key that may only read. */
  readonly readOnlyKey?: string;
  /** Milliseconds before each answer. */
  readonly delayMs?: number;
}

export interface Simulator {
  /** The base URL for a client, such as `http://127.0.0.1:4711/api/engine/public/`. */
  readonly url: string;
  readonly state: State;
  readonly faults: FaultPlan;
  /** All that was asked of the API so far. */
  readonly seen: readonly Seen[];
  /** The most requests that were open at one moment. */
  mostAtOnce(): number;
  close(): Promise<void>;
}

const prefix = '/api/engine';
const maxBody = 1_000_000;
const routes = [...runRoutes, ...taskRoutes, ...fileRoutes, ...pipelineRoutes].map((route) => ({
  route,
  pattern: patternOf(route),
}));

/** Starts the simulated Orchestra on loopback; port 0 takes a free one. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { key = 'simulator-key', readOnlyKey = 'simulator-read-only-key', delayMs = 0 } = options;
  const state = createState(options.clock ?? createClock());
  const faults = createFaultPlan();
  const seen: Seen[] = [];
  let open = 0;
  let most = 0;
  let answered = 0;
  const server = createServer((request, response) => {
    void handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${prefix}/public/`,
    state,
    faults,
    seen,
    mostAtOnce: () => most,
    close: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://simulator');
    const method = request.method ?? 'GET';
    const body = await readBody(request);
    if (pathname.startsWith('/_simulator/')) {
      return send(response, control(method, pathname, body, state, faults, seen), []);
    }
    open += 1;
    most = Math.max(most, open);
    const round = answered + 1;
    response.once('close', () => {
      open -= 1;
      answered = Math.max(answered, round);
    });
    const header = request.headers['x-simulate'];
    const planned = faults.take(method, pathname, Array.isArray(header) ? header.join(',') : header);
    const answer = answerOf(method, pathname, searchParams, request, body, planned);
    const { status } = answer;
    seen.push({ method, path: pathname, query: searchParams.toString(), body, status, round });
    if (planned.some(({ name }) => name === 'reset')) return void request.socket.destroy();
    const slow = planned.find(({ name }) => name === 'slow');
    if (slow || delayMs > 0) await sleep(slow ? Number(slow.value) : delayMs);
    response.setHeader('date', new Date(state.clock.now()).toUTCString());
    await send(response, answer, planned);
  }

  function answerOf(
    method: string,
    pathname: string,
    query: URLSearchParams,
    { headers }: IncomingMessage,
    body: unknown,
    planned: readonly Fault[],
  ): Answer {
    if (pathname === '/elsewhere') return elsewhere(headers.authorization, query);
    // Where nothing is to be done: the request never reaches a route.
    const instead = planned.find(({ name }) => /^\d{3}$/.test(name));
    if (instead) return insteadOf(instead, planned);
    if (planned.some(({ name }) => name === 'reset')) return detail(499, 'reset');
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    if (token !== key && token !== readOnlyKey) return detail(401, 'Unauthorized');
    if (token === readOnlyKey && method !== 'GET') return detail(403, 'This API key is read-only');
    const path = pathname.startsWith(prefix) ? pathname.slice(prefix.length) : '';
    const redirect = planned.find(({ name }) => name === 'redirect');
    if (redirect) return { status: 307, headers: { location: redirect.value } };
    const has = (name: string) => planned.some((fault) => fault.name === name);
    const found = routes.find(({ route, pattern }) => route.method === method && pattern.test(path));
    if (!found) return detail(404, 'Not Found');
    try {
      const params = Object.fromEntries(
        Object.entries(found.pattern.exec(path)?.groups ?? {}).map(([name, text]) => [name, decodeURIComponent(text)]),
      );
      return found.route.answer({ state, method, params, query, headers, body, has });
    } catch (error) {
      if (error instanceof Invalid) return invalid(error);
      throw error;
    }
  }
}

/** Where a redirected download lands; it tells whether a key came along. */
function elsewhere(authorization: string | undefined, query: URLSearchParams): Answer {
  const bytes = Buffer.from(authorization === undefined ? `stored ${query.get('what') ?? ''}` : 'the key came along');
  return { status: 200, bytes, headers: { 'content-type': 'application/octet-stream' } };
}

/** An error in place of an answer; `enterprise` gives 403 the words of a plan without the API. */
function insteadOf({ name }: Fault, planned: readonly Fault[]): Answer {
  const after = planned.find((fault) => fault.name === 'retry-after')?.value;
  const text = planned.find((fault) => fault.name === 'says')?.value;
  const enterprise = planned.some((fault) => fault.name === 'enterprise');
  const words = enterprise ? 'Only enterprise customers can use the API currently' : (text ?? `Simulated ${name}`);
  return {
    ...json({ detail: words }, Number(name)),
    ...(after === undefined ? {} : { headers: { 'retry-after': after } }),
  };
}

function patternOf({ path }: Route): RegExp {
  return new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
}

/** The JSON of a body; a text where it is none, which no route accepts. */
async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBody) throw new Error('too large');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
