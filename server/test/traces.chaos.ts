import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { jobEnd } from './support/engine.ts';
import { type Collector, type ReceivedSpan, startCollector } from './support/otlp-collector.ts';
import { startReceiver } from './support/receiver.ts';
import type { Answer } from './support/server.ts';
import { makeTempDir } from './support/temp-dir.ts';
import { startTraced, type TracedProcess } from './support/traced.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const callerSpan = '00f067aa0ba902b7';
const traceparent = `00-${traceId}-${callerSpan}-01`;

let collector: Collector;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
beforeAll(async () => {
  collector = await startCollector();
  receiver = await startReceiver();
});
afterAll(async () => {
  await collector.close();
  await receiver.close();
});

let database: TestDatabase;
let directory = '';
const started: TracedProcess[] = [];
beforeEach(async () => {
  collector.behave('take');
  database = await createTestDatabase();
  directory = makeTempDir('traces');
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((process) => process.kill()));
  await database.close();
  await rm(directory, { recursive: true, force: true });
});

async function start(flags: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<TracedProcess> {
  const process = await startTraced(['--data-dir', directory, '--database-url', database.url, ...flags], env);
  started.push(process);
  return process;
}

async function call(
  server: TracedProcess,
  name: string,
  input: object,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${server.url}/tools/${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, ...headers },
    body: JSON.stringify(input),
  });
  return { status: response.status, body: await response.json() };
}

const named = (name: string) => collector.spans.filter((span) => span.name === name);
const childOf = (parent: ReceivedSpan) => ({ traceId: parent.traceId, parentSpanId: parent.spanId });

test('one trace leads from the caller over tool, job and steps to the call out, though a process is killed between', async () => {
  const key = 'collector-key-9f8e7d';
  const note = 'a note that nobody else may read';
  const flags = ['--telemetry-otlp-url', collector.url, '--telemetry-otlp-headers', 'x-api-key=env:COLLECTOR_KEY'];
  const first = await start(flags, { COLLECTOR_KEY: key });
  const waitFor = path.join(directory, 'go');
  const { status, body } = await call(
    first,
    'test_trace',
    { url: `${receiver.url}/hook/token-in-path?key=token-in-query`, wait_for: waitFor, note },
    { traceparent, tracestate: 'vendor=state' },
  );
  expect(status).toBe(200);
  const tool = await collector.seen('execute_tool test_trace');
  const step = await collector.seen('step first');
  await first.kill();

  const second = await start(flags, { COLLECTOR_KEY: key });
  writeFileSync(waitFor, '');
  expect(await jobEnd(database.db, body.id)).toMatchObject({ state: 'succeeded', metadata: { status: 200 } });
  await second.stop();

  expect(tool).toMatchObject({
    traceId,
    parentSpanId: callerSpan,
    kind: 2,
    status: 0,
    service: 'tutti',
    facts: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'test_trace',
      'tutti.tool.effect': 'write',
      'tutti.outcome': 'ok',
      'enduser.id': expect.stringMatching(/^prn_/),
      'http.route': '/tools/:name',
    },
  });
  const job = await collector.seen('job ops.traced');
  expect(job).toMatchObject({
    ...childOf(tool),
    kind: 5,
    links: [{ traceId, spanId: tool.spanId }],
    facts: { 'tutti.job.id': body.id, 'tutti.job.attempt': 2, 'tutti.job.kind': 'ops.traced', 'tutti.outcome': 'ok' },
  });
  // The attempt that was killed never ended: what it did is there, its own span is not.
  expect(named('job ops.traced')).toHaveLength(1);
  expect(named('step first')).toHaveLength(1);
  expect(step).toMatchObject({ traceId, facts: { 'tutti.job.attempt': 1, 'tutti.job.id': body.id } });
  expect(step.parentSpanId).not.toBe(job.spanId);

  const [again] = named('step second');
  expect(again).toMatchObject({
    ...childOf(job),
    events: [{ name: 'retry', facts: { 'tutti.retry': 1, 'error.type': 'UPSTREAM_FAILED' } }],
  });
  const calling = named('step notify')[0] as ReceivedSpan;
  expect(calling).toMatchObject(childOf(job));
  const send = named('call notify')[0] as ReceivedSpan;
  expect(send).toMatchObject({ ...childOf(calling), kind: 3, facts: { 'tutti.call.idempotent': true } });
  const post = named('POST')[0] as ReceivedSpan;
  expect(post).toMatchObject({
    ...childOf(send),
    kind: 3,
    facts: { 'http.request.method': 'POST', 'server.address': '127.0.0.1', 'http.response.status_code': 200 },
  });
  expect(receiver.calls).toHaveLength(1);
  expect(receiver.calls[0]).toMatchObject({
    traceparent: `00-${traceId}-${post.spanId}-01`,
    tracestate: 'vendor=state',
  });
  expect(
    new Set(collector.spans.filter((span) => span.facts['tutti.job.id'] === body.id).map((s) => s.traceId)),
  ).toEqual(new Set([traceId]));

  // The job engine traces nothing beside us.
  const ours = /^(execute_tool|job|step|call|schedule) |^POST$/;
  expect(collector.spans.map((span) => span.name).filter((name) => !ours.test(name))).toEqual([]);

  expect(collector.wire()).toContain(`"x-api-key":"${key}"`);
  const sent = collector.wire().replaceAll(`"x-api-key":"${key}"`, '');
  for (const secret of [key, note, first.token, 'token-in-path', 'token-in-query', 'admin']) {
    expect(sent).not.toContain(secret);
  }
  expect(first.log() + second.log()).not.toContain(key);
});

test('a job that is handed over at a stop has a span for each attempt, in one trace', async () => {
  const flags = ['--telemetry-otlp-url', collector.url, '--jobs-drain-s', '0'];
  const first = await start(flags);
  const waitFor = path.join(directory, 'go');
  const { body } = await call(first, 'test_trace', { url: receiver.url, note: 'x', wait_for: waitFor });
  const ofJob = (name: string) =>
    collector.spans.filter((span) => span.name === name && span.facts['tutti.job.id'] === body.id);
  while (ofJob('step first').length === 0) await sleep(20);
  await first.stop();
  const handedOver = { status: 0, facts: { 'tutti.outcome': 'handed_over', 'tutti.job.attempt': 1 } };
  expect(ofJob('job ops.traced')).toMatchObject([handedOver]);
  expect(ofJob('step second')).toMatchObject([handedOver]);

  const second = await start(flags);
  writeFileSync(waitFor, '');
  expect(await jobEnd(database.db, body.id)).toMatchObject({ state: 'succeeded' });
  await second.stop();
  const [before, after] = ofJob('job ops.traced');
  expect(after).toMatchObject({
    traceId: before?.traceId,
    parentSpanId: before?.parentSpanId,
    facts: { 'tutti.outcome': 'ok', 'tutti.job.attempt': 2, 'tutti.job.state': 'succeeded' },
  });
  expect(ofJob('step first')).toHaveLength(1);
  expect(ofJob('step second')).toMatchObject([{ parentSpanId: before?.spanId }, { parentSpanId: after?.spanId }]);
});

test('a job that fails is marked with its code, its failed call with the status', async () => {
  const server = await start(['--telemetry-otlp-url', collector.url]);
  const { body } = await call(server, 'test_trace', { url: `${receiver.url}/broken`, note: 'x' }, { traceparent });
  expect(await jobEnd(database.db, body.id)).toMatchObject({ metadata: { status: 503 } });
  const refused = await call(server, 'test_trace', { url: 'ftp://nowhere', note: 'x' }, { traceparent });
  expect(await jobEnd(database.db, refused.body.id)).toMatchObject({ state: 'failed' });
  await server.stop();
  const spans = collector.spans.filter((span) => span.traceId === traceId);
  expect(spans.find((span) => span.facts['http.response.status_code'] === 503)).toMatchObject({
    status: 2,
    facts: { 'error.type': '503' },
  });
  const failed = { status: 2, facts: { 'error.type': 'EGRESS_REFUSED' } };
  for (const name of ['step notify', 'call notify', 'job ops.traced']) {
    expect(spans.filter((span) => span.name === name).at(-1), name).toMatchObject(failed);
  }
});

describe('what is loaded', () => {
  // The API alone, without any of the SDK, comes with the package of the metrics.
  const traces = (urls: readonly string[]) => urls.filter((url) => /\/@opentelemetry\/(?!api\/)/.test(url));

  test('is nothing of OpenTelemetry while tracing is off, and nothing of a trace is kept', async () => {
    const before = collector.requests();
    const server = await start([]);
    const { body } = await call(server, 'test_trace', { url: receiver.url, note: 'x' }, { traceparent });
    const row = await jobEnd(database.db, body.id);
    expect(row).toMatchObject({ state: 'succeeded', trace: null });
    expect(receiver.calls.at(-1)).not.toHaveProperty('traceparent');
    const loaded = await server.loaded();
    expect(loaded.length).toBeGreaterThan(100);
    expect(traces(loaded)).toEqual([]);
    expect(server.log()).not.toContain('trace_id');
    expect(collector.requests()).toBe(before);
  });

  test('is the SDK, once the standard variables name a collector; lines of the log then say where they belong', async () => {
    const endpoint = collector.url.replace('/v1/traces', '');
    const server = await start(['--log-level', 'debug'], {
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_SERVICE_NAME: 'by-variable',
    });
    expect(traces(await server.loaded()).length).toBeGreaterThan(10);
    await call(server, 'list_datasets', {}, { traceparent });
    const span = await collector.seen('execute_tool list_datasets');
    expect(span).toMatchObject({ traceId, service: 'by-variable' });
    const lines = server
      .log()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
    expect(lines.find((line) => line.msg === 'call')).toMatchObject({ trace_id: traceId, span_id: span.spanId });
    // Those at the start are within none.
    expect(lines.filter((line) => line.trace_id === undefined).length).toBeGreaterThan(0);
  });
});

describe('a collector that', () => {
  const warnings = (server: TracedProcess) => server.log().split('the collector takes no traces').length - 1;
  /** Calls until this many more requests have reached the collector; every call must be answered meanwhile. */
  async function callUntil(server: TracedProcess, requests: number): Promise<void> {
    const before = collector.requests();
    while (collector.requests() < before + requests) {
      expect((await call(server, 'list_capabilities', {})).status).toBe(200);
      await sleep(20);
    }
  }

  test('answers errors is said once, and once when it is back; calls go on meanwhile', async () => {
    const server = await start(['--telemetry-otlp-url', collector.url]);
    collector.behave('fail');
    await callUntil(server, 3);
    expect(warnings(server)).toBe(1);
    collector.behave('take');
    const before = collector.spans.length;
    await callUntil(server, 2);
    expect(collector.spans.length).toBeGreaterThan(before);
    expect(server.log()).toContain('the collector takes traces again');
  });

  test('never answers holds up neither calls nor the stop', async () => {
    const server = await start(['--telemetry-otlp-url', collector.url]);
    collector.behave('hang');
    await callUntil(server, 1);
    for (let count = 0; count < 20; count += 1) {
      expect((await call(server, 'register_dataset', { name: `n${count}`, uri: `tutti://n${count}` })).status).toBe(
        200,
      );
    }
    await server.stop();
  });

  test('is not there holds up neither calls nor the stop, and is said once', async () => {
    const server = await start(['--telemetry-otlp-url', 'http://127.0.0.1:9/v1/traces']);
    while (warnings(server) === 0) {
      expect((await call(server, 'list_capabilities', {})).status).toBe(200);
      await sleep(50);
    }
    await server.stop();
    expect(warnings(server)).toBe(1);
  });
});
