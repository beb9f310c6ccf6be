import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { createCollection } from './definition.ts';
import { type Fault, takeFault } from './faults.ts';
import { type ClassDefinition, Refusal, type State } from './state.ts';

/** Starts the REST half on a free port. Below `/_test/` tests tell it what to do wrong, and look at what it holds. */
export function createRest(state: State, breakConnections: () => void) {
  return createServer((request, response) => {
    handle(state, request, response, breakConnections).catch((error: unknown) => {
      const refused = error instanceof Refusal;
      reply(response, refused ? 422 : 500, { error: [{ message: refused ? error.message : String(error) }] });
    });
  });
}

async function handle(state: State, request: IncomingMessage, response: ServerResponse, breakConnections: () => void) {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const call = `${request.method} ${pathname}`;
  if (pathname.startsWith('/_test/')) return control(state, call, request, response);
  state.calls[call] = (state.calls[call] ?? 0) + 1;
  const fault = takeFault(state, call, ['unavailable', 'drop', 'hang']);
  if (fault?.does === 'unavailable') return reply(response, 503, { error: [{ message: 'the instance is not ready' }] });
  if (fault?.does === 'drop') {
    breakConnections();
    request.socket.destroy();
    return;
  }
  if (fault) return;
  if (call === 'GET /v1/.well-known/ready') return reply(response, 200);
  if (state.apiKey !== undefined && request.headers.authorization !== `Bearer ${state.apiKey}`)
    return reply(response, 401, { code: 401, message: 'unauthorized: invalid api key' });
  if (call === 'GET /v1/meta')
    return reply(response, 200, { hostname: 'http://[::]:8080', modules: {}, version: state.version });
  if (call === 'GET /v1/schema') {
    const classes = [...state.collections.values()].map(({ definition }) => definition);
    return reply(response, 200, { classes });
  }
  if (call === 'POST /v1/schema')
    return reply(response, 200, createCollection(state, (await json(request)) as ClassDefinition));
  const name = /^DELETE \/v1\/schema\/([^/]+)$/.exec(call)?.[1];
  if (name === undefined) return reply(response, 404, { error: [{ message: `not simulated: ${call}` }] });
  if (!state.collections.delete(name))
    return reply(response, 400, { error: [{ message: `could not find class ${name}` }] });
  reply(response, 200);
}

async function control(state: State, call: string, request: IncomingMessage, response: ServerResponse) {
  if (call === 'PUT /_test/faults')
    state.faults.splice(0, Number.POSITIVE_INFINITY, ...((await json(request)) as Fault[]));
  if (call === 'POST /_test/drop') state.collections.clear();
  const collections = [...state.collections.values()].map(({ definition, objects }) => ({
    definition,
    rows: objects.size,
    sample: [...objects.values()].slice(0, 20),
  }));
  reply(response, 200, { collections, calls: state.calls, faults: state.faults });
}

function reply(response: ServerResponse, status: number, body?: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
