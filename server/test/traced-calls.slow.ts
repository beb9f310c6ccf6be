import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AnyClient, connectors } from './support/mcp-clients.ts';
import { type Collector, type ReceivedSpan, startCollector } from './support/otlp-collector.ts';
import { startTestServer, type TestServer } from './support/server.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const other = '0af7651916cd43dd8448eb211c80319c';
const span = '00f067aa0ba902b7';

let collector: Collector;
let server: TestServer | undefined;
beforeEach(async () => {
  collector = await startCollector();
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  await collector.close();
});

async function start(...flags: string[]): Promise<TestServer> {
  server = await startTestServer(['--telemetry-otlp-url', collector.url, ...flags]);
  return server;
}

/** Calls over REST with these headers. */
async function call(on: TestServer, name: string, headers: Record<string, string> = {}, input: object = {}) {
  const response = await fetch(`${on.url}/tools/${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${on.admin}`, ...headers },
    body: JSON.stringify(input),
  });
  await response.text();
  return response.status;
}

/** What has arrived once the server is down, and with it all that it had left. */
async function afterStop(): Promise<readonly ReceivedSpan[]> {
  await server?.stop();
  server = undefined;
  return collector.spans;
}

describe('a call over MCP', () => {
  test.each(Object.entries(connectors))('belongs to the trace that it names: %s', async (_, connect) => {
    const { url, admin } = await start();
    const headers = { traceparent: `00-${other}-${span}-01` };
    const { client } = await connect(`${url}/mcp`, admin, headers);
    await client.callTool({ name: 'list_capabilities', arguments: {} });
    const withMeta = {
      name: 'list_jobs',
      arguments: {},
      _meta: { traceparent: `00-${traceId}-${span}-01`, tracestate: 'a=b' },
    };
    await client.callTool(withMeta as Parameters<AnyClient['callTool']>[0]);
    await client.close();
    const spans = await afterStop();
    const facts = { 'mcp.method.name': 'tools/call' };
    expect(spans.filter(({ name }) => name.startsWith('execute_tool'))).toMatchObject([
      { name: 'execute_tool list_capabilities', traceId: other, parentSpanId: span, kind: 2, facts },
      { name: 'execute_tool list_jobs', traceId, parentSpanId: span, kind: 2, facts },
    ]);
  });

  test('of a tool that calls another has both, one within the other', async () => {
    await call(await start(), 'call_tool', {}, { name: 'list_jobs', input: {} });
    const spans = await afterStop();
    const [inner, outer] = spans;
    expect(spans).toHaveLength(2);
    expect(outer).toMatchObject({ name: 'execute_tool call_tool', kind: 2 });
    expect(outer?.parentSpanId).toBeUndefined();
    expect(inner).toMatchObject({
      name: 'execute_tool list_jobs',
      kind: 1,
      traceId: outer?.traceId,
      parentSpanId: outer?.spanId,
    });
  });
});

test('an error is marked with its code, and with nothing of what was said', async () => {
  const on = await start();
  expect(await call(on, 'get_dataset', {}, { dataset_id: 'hidden-words' })).toBe(404);
  expect(await call(on, 'get_dataset', {}, { dataset: 'hidden-words' })).toBe(422);
  const spans = await afterStop();
  expect(spans).toMatchObject([
    { status: 2, facts: { 'error.type': 'NOT_FOUND', 'tutti.outcome': 'NOT_FOUND' }, events: [] },
    { status: 2, facts: { 'error.type': 'VALIDATION_FAILED' }, events: [] },
  ]);
  expect(collector.wire()).not.toContain('hidden-words');
});

test('requests on one connection are no part of one another', async () => {
  const on = await start();
  for (let count = 0; count < 3; count += 1) await call(on, 'list_jobs');
  const spans = await afterStop();
  expect(new Set(spans.map((one) => one.traceId)).size).toBe(3);
  expect(spans.every((one) => one.parentSpanId === undefined)).toBe(true);
});

test('a traceparent that breaks the rules begins a trace of its own', async () => {
  const on = await start();
  const bad = [
    'x',
    `ff-${traceId}-${span}-01`,
    `00-${'0'.repeat(32)}-${span}-01`,
    `00-${traceId}-${span}-01-more`,
    `00-${traceId.toUpperCase()}-${span}-01`,
  ];
  for (const traceparent of bad) expect(await call(on, 'list_jobs', { traceparent })).toBe(200);
  const spans = await afterStop();
  expect(spans).toHaveLength(bad.length);
  for (const one of spans) {
    expect(one.parentSpanId).toBeUndefined();
    expect(one.traceId).not.toBe(traceId);
  }
});

describe('sampling', () => {
  test('keeps none at ratio 0, but what a caller keeps', async () => {
    const on = await start('--telemetry-sample-ratio', '0');
    for (let count = 0; count < 20; count += 1) await call(on, 'list_jobs');
    await call(on, 'list_jobs', { traceparent: `00-${traceId}-${span}-01` });
    expect((await afterStop()).map((one) => one.traceId)).toEqual([traceId]);
  });

  test('keeps all at ratio 1, but what a caller does not keep', async () => {
    const on = await start();
    for (let count = 0; count < 20; count += 1) await call(on, 'list_jobs');
    await call(on, 'list_jobs', { traceparent: `00-${traceId}-${span}-00` });
    const spans = await afterStop();
    expect(spans).toHaveLength(20);
    expect(spans.map((one) => one.traceId)).not.toContain(traceId);
  });
});

test('a configuration is published and fetched in the traces that its callers name, which say nothing of it', async () => {
  const on = await start();
  const of = { client_id: 'cursor', profile: 'prod' };
  const headers = { traceparent: `00-${traceId}-${span}-01` };
  const draft_payload = {
    inputs: [],
    servers: [{ name: 'wiki', transport: 'http', url: 'https://wiki.example.com/mcp' }],
  };
  expect(await call(on, 'put_config_profile', {}, { ...of, policy_set_id: 'none' })).toBe(200);
  expect(await call(on, 'publish_config', headers, { ...of, draft_payload, changelog: 'traced' })).toBe(200);
  const fetched = await fetch(`${on.url}/config/cursor/prod`, {
    headers: { authorization: `Bearer ${on.admin}`, ...headers },
  });
  expect(fetched.status).toBe(200);
  const ours = (await afterStop()).filter((one) => one.traceId === traceId).map(({ name }) => name);
  expect(ours).toEqual(expect.arrayContaining(['execute_tool publish_config', 'GET /config/:client/:profile']));
  expect(collector.wire()).not.toContain('wiki.example.com');
});
