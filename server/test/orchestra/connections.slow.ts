import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Simulator } from '../../../examples/orchestra-simulator/server.ts';
import { askControl, connectBridge, until } from '../support/bridge.ts';
import { seedRun, simulated } from '../support/orchestra.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const ownKey = 'the-key-of-a-connection';
const operatorsKey = 'the-key-of-the-operator';
const directory = makeTempDir('connection-keys');
const keyFile = path.join(directory, 'key');
let own: Simulator;
let operators: Simulator;
let server: TestServer;
beforeAll(async () => {
  own = await simulated({ key: ownKey });
  operators = await simulated({ key: operatorsKey });
  // The operator's key is not there yet.
  server = await startTestServer([
    ...['--orchestra-api-key', `file:${keyFile}`, '--orchestra-api-base-url', operators.url],
    ...['--egress-allow', '127.0.0.1', '--orchestra-backoff-ms', '1'],
  ]);
});
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true });
});
beforeEach(() => {
  for (const simulator of [own, operators]) simulator.faults.clear();
});

const status = { pipeline_run_id: seedRun };
const named = { ORCHESTRA_API_KEY: ownKey };

test('without a key every tool is listed and says what to set, and nothing is asked', async () => {
  const before = own.seen.length + operators.seen.length;
  const { client } = await connectBridge(server.dataDir, { command: 'orchestra-mcp' });
  const { tools } = await client.listTools();
  expect(tools.map(({ name }: { name: string }) => name)).toEqual(
    expect.arrayContaining(['list_pipeline_runs', 'trigger_pipeline', 'download_task_artifact']),
  );
  for (const [name, input] of Object.entries({
    list_pipeline_runs: {},
    get_pipeline_run_status: status,
    trigger_pipeline: { pipeline_id: 'orders_report', idempotency_key: 'unset' },
  })) {
    const refused = await client.callTool({ name, arguments: input });
    expect(JSON.parse(refused.content[0].text)).toMatchObject({
      error: { code: 'ORCHESTRA_NOT_CONFIGURED', suggestion: expect.stringContaining('ORCHESTRA_API_KEY') },
    });
  }
  await client.close();
  expect(own.seen.length + operators.seen.length).toBe(before);
  expect((await server.call('list_capabilities')).body.flags).toMatchObject({ 'orchestra.key': false });
});

test('orchestra-mcp brings its own key, which holds for that connection alone and is said nowhere', async () => {
  const env = { ...named, ORCHESTRA_API_BASE_URL: own.url };
  const { client, notes } = await connectBridge(server.dataDir, { command: 'orchestra-mcp', env });
  const answer = await client.callTool({ name: 'get_pipeline_run_status', arguments: status });
  expect(answer.structuredContent).toMatchObject({ pipeline_run_id: seedRun, status: 'FAILED' });
  const started = await client.callTool({ name: 'trigger_pipeline', arguments: { pipeline_id: 'orders_report' } });
  expect(started.structuredContent).toMatchObject({ outcome: 'started' });
  own.faults.add(`403, says=${ownKey}`);
  const refused = await client.callTool({ name: 'get_pipeline_run_status', arguments: status });
  expect(refused.content[0].text).toContain('[redacted]');
  expect((await server.call('get_pipeline_run_status', status)).body.error.code).toBe('ORCHESTRA_NOT_CONFIGURED');
  await client.close();
  await until(() => notes().includes('ORCHESTRA_FORBIDDEN'));
  expect(notes()).toMatch(/ORCHESTRA_API_KEY is set: yes\n/);
  expect(notes()).toContain(`ORCHESTRA_API_BASE_URL: ${own.url}\n`);
  expect(notes()).toContain(', status 403');
  expect(notes()).not.toContain(ownKey);
});

test('a connection’s key goes before the operator’s, whose key never goes to an address that a caller chose', async () => {
  writeFileSync(keyFile, `${operatorsKey}\n`);
  const other = { ORCHESTRA_API_BASE_URL: own.url };
  const asked = async (variables: Record<string, string>) => {
    const { answer, socket } = await askControl(server.dataDir, { ask: 'token', toolsets: ['orchestra'], variables });
    const before = { own: own.seen.length, operators: operators.seen.length };
    const { body } = await server.call('get_pipeline_run_status', status, answer.token);
    socket.destroy();
    const seen = { own: own.seen.length - before.own, operators: operators.seen.length - before.operators };
    return { ...seen, code: body.error?.code, status: body.status };
  };
  expect(await asked({})).toMatchObject({ own: 0, operators: 1, status: 'FAILED' });
  expect(await asked(other)).toMatchObject({ own: 0, operators: 1, status: 'FAILED' });
  expect(await asked({ ...named, ...other })).toMatchObject({ own: 1, operators: 0, status: 'FAILED' });
  expect(await asked({ ...other, ORCHESTRA_API_KEY: 'another-key-altogether' })).toMatchObject({
    operators: 0,
    code: 'ORCHESTRA_UNAUTHORIZED',
  });
  const unresolved = await asked({ ...other, ORCHESTRA_API_KEY: 'op://vault/item/field' });
  expect(unresolved).toMatchObject({ own: 0, operators: 0, code: 'ORCHESTRA_NOT_CONFIGURED' });
  const clear = { ...named, ORCHESTRA_API_BASE_URL: 'http://example.com/api/engine' };
  expect(await asked(clear)).toMatchObject({ own: 0, operators: 0, code: 'ORCHESTRA_NOT_CONFIGURED' });
  const missing = { ORCHESTRA_API_KEY_FILE: path.join(directory, 'none') };
  expect(await asked(missing)).toMatchObject({ own: 0, operators: 0, code: 'ORCHESTRA_NOT_CONFIGURED' });
  expect(await asked({ ORCHESTRA_API_KEY_FILE: keyFile })).toMatchObject({ operators: 1, status: 'FAILED' });
});

test('a key is read when it is used: one that was exchanged holds from the next call on', async () => {
  const call = async () => (await server.call('get_pipeline_run_status', status)).body;
  expect(await call()).toMatchObject({ status: 'FAILED' });
  writeFileSync(keyFile, 'a-key-that-was-revoked\n');
  expect(await call()).toMatchObject({ error: { code: 'ORCHESTRA_UNAUTHORIZED' } });
  rmSync(keyFile);
  expect(await call()).toMatchObject({ error: { code: 'ORCHESTRA_NOT_CONFIGURED' } });
  writeFileSync(keyFile, operatorsKey);
  expect(await call()).toMatchObject({ status: 'FAILED' });
});
