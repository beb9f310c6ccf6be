import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { revokeToken } from '../src/core/auth/store.ts';
import { changesNothing, expectEnvelope, expectFailure } from './support/failure.ts';
import { lakeOf } from './support/lake.ts';
import { raw } from './support/raw.ts';
import { startTestServer, type TestServer } from './support/server.ts';

const limit = 100_000;
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer(['--max-body-bytes', String(limit), '--allowed-hosts', 'tutti.example']);
  await lakeOf(server).dataset('there');
});
afterAll(() => server.stop());

const register = { name: 'new', uri: 'tutti://new' };
const json = (token = server.admin) => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' });
const mcp = (token?: string) => ({ ...json(token), accept: 'application/json, text/event-stream' });
const toolCall = (name: string, input: unknown) =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: input } });

/** A request of the protocol in one of its revisions, with all that goes with it. */
function mcpRequest(method: string, params: Record<string, unknown>, revision: string) {
  const modern = revision === '2026-07-28';
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': revision,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  };
  const subject = params.name ?? (typeof params.uri === 'string' ? params.uri : undefined);
  return {
    headers: {
      ...mcp(),
      'mcp-protocol-version': revision,
      ...(modern && { 'mcp-method': method }),
      ...(modern && subject !== undefined && { 'mcp-name': String(subject) }),
    },
    body: [JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: modern ? { ...params, _meta } : params })],
  };
}

/** Sends the beginning of a body and hangs up. */
function breakOff(path: string): Promise<void> {
  return new Promise((resolve) => {
    const call = request(`${server.url}${path}`, { method: 'POST', headers: { ...mcp(), 'content-length': 100 } });
    call.on('error', () => resolve());
    call.write('{', () => setTimeout(() => call.destroy(), 100));
  });
}

/** How many POSTs to an address had which status. */
async function answersOf(path: string): Promise<Record<string, number>> {
  const { text } = await raw(`${server.url}/metrics`, { headers: json() });
  const labels = `route="${path.split('/')[1]}",method="POST",status="(\\d+)"`;
  const counts = text.matchAll(new RegExp(`^tutti_http_request_duration_seconds_count\\{${labels}\\} (\\d+)$`, 'gm'));
  return Object.fromEntries([...counts].map(([, status = '', count]) => [status, Number(count)]));
}

describe('a call with bad input changes nothing', () => {
  test('unknown tool', async () => {
    const answer = await changesNothing(server, () => server.call('drop_everything', {}));
    expect(expectFailure(answer, 404, 'UNKNOWN_TOOL').suggestion).toContain('/openapi.json');
  });

  test.each([
    ['unknown field', { ...register, colour: 'red' }, ''],
    ['missing field', { name: 'new' }, 'uri'],
    ['wrong type', { ...register, tags: 'one' }, 'tags'],
    ['wrong type inside', { ...register, labels: { a: 1 } }, 'labels.a'],
    ['null for a text', { ...register, name: null }, 'name'],
    ['a bad name', { ...register, name: '../etc' }, 'name'],
    ['a name with a line break', { ...register, name: 'new\n' }, 'name'],
    ['metadata past its size', { ...register, metadata: { text: 'x'.repeat(65_536) } }, 'metadata'],
    ['a name that JavaScript takes for itself', JSON.parse('{"labels":{"__proto__":"x"}}'), 'labels.__proto__'],
    ['an empty idempotency key', { ...register, idempotency_key: '' }, 'idempotency_key'],
    ['a list', [register], ''],
    ['a text', 'register', ''],
  ])('%s', async (_what, input, path) => {
    const answer = await changesNothing(server, () => server.call('register_dataset', input));
    const { details, suggestion } = expectFailure(answer, 422, 'VALIDATION_FAILED');
    expect((details as { issues: { path: string }[] }).issues.map((issue) => issue.path)).toContain(path);
    expect(suggestion).toContain('name, uri, tags');
  });

  test.each([
    ['a NUL', '\u0000'],
    ['half a surrogate pair', '\ud800'],
  ])('text that no database can hold: %s', async (_what, odd) => {
    const calls: [string, object][] = [
      ['register_dataset', { ...register, tags: [`a${odd}`] }],
      ['register_dataset', { ...register, labels: { [`a${odd}`]: 'b' } }],
      ['register_dataset', { ...register, metadata: { deep: [{ [`a${odd}`]: 1 }] } }],
      ['register_dataset', { ...register, idempotency_key: `a${odd}` }],
      ['get_dataset', { dataset_id: `ds_${odd}` }],
      ['list_datasets', { filter: { text: odd } }],
      ['list_jobs', { state: odd }],
      ['job_status', { job_id: odd }],
      ['search_dataset', { dataset_id: 'ds_none', query: odd }],
    ];
    for (const [name, input] of calls) {
      const answer = await changesNothing(server, () => server.call(name, input));
      expectFailure(answer, 422, 'VALIDATION_FAILED');
    }
  });

  test('a resource id that no database can hold', async () => {
    const answer = await raw(`${server.url}/resources/job/%00`, { headers: json() });
    expectFailure(answer, 404, 'NOT_FOUND');
  });

  test.each([300, 3000, 30_000])('%i lists in each other', async (depth) => {
    const body = `{"name":"new","uri":"tutti://new","metadata":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`;
    const answer = await changesNothing(server, () =>
      raw(`${server.url}/tools/register_dataset`, { method: 'POST', headers: json(), body: [body] }),
    );
    expectFailure(answer, 422, 'VALIDATION_FAILED');
  });

  test.each(['{"name":', '{name: "new"}', '\u0000', '{} {}'])('broken JSON over REST: %j', async (body) => {
    const answer = await changesNothing(server, () =>
      raw(`${server.url}/tools/register_dataset`, { method: 'POST', headers: json(), body: [body] }),
    );
    expectFailure(answer, 400, 'BAD_REQUEST');
  });

  test('broken JSON over MCP', async () => {
    const body = toolCall('register_dataset', register).slice(0, -3);
    const answer = await changesNothing(server, () =>
      raw(`${server.url}/mcp`, { method: 'POST', headers: mcp(), body: [body] }),
    );
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ jsonrpc: '2.0', error: { code: -32700 } });
  });

  test.each([
    ['prompts/get', { name: 'system', arguments: 'job' }, 'params.arguments'],
    ['resources/read', { uri: { a: 1 } }, 'params.uri'],
    ['tools/list', { cursor: [] }, 'params.cursor'],
    ['completion/complete', { ref: { type: 'x' }, argument: { name: 'a', value: 'b' } }, 'params.ref'],
  ])('parameters over MCP that %s does not take', async (method, params, path) => {
    for (const revision of ['2025-11-25', '2026-07-28']) {
      const request = mcpRequest(method, params, revision);
      const answer = await raw(`${server.url}/mcp`, { method: 'POST', ...request });
      const [, data = answer.text] = /^data: (.*)$/m.exec(answer.text) ?? [];
      const { error } = JSON.parse(data);
      expect(error.code).toBe(-32602);
      const { details } = expectEnvelope(error.data, 'VALIDATION_FAILED');
      expect((details as { issues: { path: string }[] }).issues.map((issue) => issue.path)).toContain(path);
    }
  });

  test('a batch over MCP that cancels what it asks is answered all the same', async () => {
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
    const body = [`[${toolCall('list_datasets', {})},${JSON.stringify(cancel)}]`];
    const answer = await raw(`${server.url}/mcp`, { method: 'POST', headers: mcp(), body });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('structuredContent');
  });

  test.each(['/tools/list_jobs', '/mcp'])(
    'a body at %s that its caller never ends is no failure of ours',
    async (path) => {
      const before = await answersOf(path);
      await breakOff(path);
      // Nobody gets the answer, so only the counts tell what it was.
      const one = { ...before, '400': (before['400'] ?? 0) + 1 };
      await vi.waitFor(async () => expect(await answersOf(path)).not.toEqual(before), 30_000);
      expect(await answersOf(path)).toEqual(one);
    },
  );

  test.each([
    ['with content-length', (body: string) => ({ 'content-length': Buffer.byteLength(body) })],
    ['in chunks', () => ({})],
  ])('a body past the limit, %s', async (_how, length) => {
    const input = { ...register, metadata: { text: 'x'.repeat(limit) } };
    for (const [path, body] of [
      ['/tools/register_dataset', JSON.stringify(input)],
      ['/mcp', toolCall('register_dataset', input)],
    ] as const) {
      const headers = { ...mcp(), ...length(body) };
      const parts = [body.slice(0, 100), body.slice(100)];
      const answer = await changesNothing(server, () =>
        raw(`${server.url}${path}`, { method: 'POST', headers, body: parts }),
      );
      expect(expectFailure(answer, 413, 'PAYLOAD_TOO_LARGE').suggestion).toContain('create_presigned_upload');
    }
  });

  test('nothing at an address', async () => {
    for (const path of ['/', '/mcp/nothing', '/mcp/default', '/openapi/nothing.json', '/resources/dataset/x', '/x/y']) {
      expectFailure(await raw(`${server.url}${path}`, { headers: json() }), 404, 'NOT_FOUND');
    }
  });
});

describe('who may call', () => {
  const calls = ['/tools/register_dataset', '/mcp', '/mcp/lake', '/resources/job/x'];
  const attempt = (path: string, headers: Record<string, string>) =>
    raw(`${server.url}${path}`, {
      method: path.startsWith('/resources') ? 'GET' : 'POST',
      headers: { ...mcp(), ...headers },
      body: path.startsWith('/resources')
        ? []
        : [path.startsWith('/mcp') ? toolCall('register_dataset', register) : JSON.stringify(register)],
    });

  test.each([
    ['nothing', ''],
    ['no such token', 'Bearer tutti_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['a bearer without a token', 'Bearer '],
    ['another scheme', 'Basic YWRtaW46YWRtaW4='],
    ['two tokens', 'Bearer a b'],
  ])('a request with %s is refused everywhere', async (_what, authorization) => {
    for (const path of calls) {
      const answer = await changesNothing(server, () => attempt(path, { authorization }));
      expect(expectFailure(answer, 401, 'UNAUTHENTICATED').suggestion).toContain('tutti token create');
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer\b/);
    }
  });

  test('an expired token is refused', async () => {
    const { secret } = await server.token('late', ['admin'], new Date(Date.now() - 1000));
    for (const path of calls) {
      const answer = await changesNothing(server, () => attempt(path, { authorization: `Bearer ${secret}` }));
      expectFailure(answer, 401, 'UNAUTHENTICATED');
    }
  });

  test('a revoked token is refused at once', async () => {
    const { id, secret } = await server.token('gone', ['writer']);
    expect((await server.call('list_datasets', {}, secret)).status).toBe(200);
    expect(await revokeToken(server.database.db, id)).toBe(true);
    expect(await revokeToken(server.database.db, id)).toBe(false);
    for (const path of calls) {
      const answer = await changesNothing(server, () => attempt(path, { authorization: `Bearer ${secret}` }));
      expectFailure(answer, 401, 'UNAUTHENTICATED');
    }
  });

  test('a token without the scope is refused, and told which one it lacks', async () => {
    const { secret } = await server.token('narrow', ['system:read']);
    for (const [name, scope] of [
      ['list_datasets', 'lake:read'],
      ['register_dataset', 'lake:write'],
      ['cancel_job', 'system:write'],
    ] as const) {
      const answer = await changesNothing(server, () => server.call(name, register, secret));
      const { details, suggestion } = expectFailure(answer, 403, 'FORBIDDEN');
      expect(details).toEqual({ required_scope: scope });
      expect(suggestion).toContain(scope);
    }
  });

  test('grants taken from a principal count at once, for all its tokens', async () => {
    const { secret } = await server.token('lowered', ['writer']);
    expect((await server.call('list_datasets', {}, secret)).status).toBe(200);
    await server.token('lowered', ['system:read']);
    expectFailure(await server.call('list_datasets', {}, secret), 403, 'FORBIDDEN');
  });

  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.nip.io', 'evil.example:7410', '[::2]'])(
    'Host %s is refused',
    async (host) => {
      for (const path of [...calls, '/healthz', '/docs', '/openapi.json']) {
        const answer = await changesNothing(server, () => attempt(path, { host }));
        expectFailure(answer, 403, 'HOST_NOT_ALLOWED');
      }
    },
  );

  test('a Host that is none is refused before anybody looks at the request', async () => {
    for (const host of ['127.0.0.1@evil.example', 'a b', '127.0.0.1/x']) {
      expect((await raw(`${server.url}/healthz`, { headers: { host } })).status).toBe(400);
    }
  });

  test.each(['https://evil.example', 'null', 'http://localhost.evil.example', 'nonsense'])(
    'Origin %s is refused',
    async (origin) => {
      for (const path of calls) {
        const answer = await changesNothing(server, () => attempt(path, { origin }));
        expectFailure(answer, 403, 'HOST_NOT_ALLOWED');
      }
    },
  );

  test('loopback names and the names that the operator allowed are served', async () => {
    for (const host of ['localhost', 'LOCALHOST:1', '[::1]:7410', 'tutti.example', 'tutti.example:443']) {
      expect((await raw(`${server.url}/healthz`, { headers: { host } })).status).toBe(200);
    }
    const origin = 'https://tutti.example';
    expect((await raw(`${server.url}/healthz`, { headers: { host: 'tutti.example', origin } })).status).toBe(200);
  });
});

test('health needs no token, and says nothing more than that', async () => {
  expect(await raw(`${server.url}/healthz`)).toMatchObject({ status: 200, body: { ok: true } });
  expect(await raw(`${server.url}/readyz`)).toMatchObject({ status: 200, body: { ready: true } });
});

test('the descriptions of the tools need no token', async () => {
  for (const path of ['/openapi.json', '/openapi/lake.json']) {
    const { status, body } = await raw(`${server.url}${path}`);
    expect([status, body.openapi]).toEqual([200, '3.1.0']);
    expect(body.paths).toHaveProperty('/tools/register_dataset');
  }
  const page = await raw(`${server.url}/docs`);
  expect([page.status, page.headers['content-type']]).toEqual([200, expect.stringMatching(/^text\/html/)]);
  expect(page.text).toContain('register_dataset');
});
