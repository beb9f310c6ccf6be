import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listTokens } from '../../src/core/auth/store.ts';
import { askControl, bridgeCommand, connectBridge, until } from '../support/bridge.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const register = { name: 'register_dataset', arguments: { name: 'x', uri: 'tutti://x' } };
const bridgeTokens = async () => (await listTokens(server.database.db)).filter(({ name }) => name === 'stdio');

test('--toolsets and --read-only narrow the list, the calls and the token itself', async () => {
  const { client } = await connectBridge(server.dataDir, { flags: ['--toolsets', 'lake', '--read-only'] });
  const { tools } = await client.listTools();
  const names = tools.map((tool: { name: string }) => tool.name);
  expect(names).toEqual(expect.arrayContaining(['get_dataset', 'search_dataset', 'job_status']));
  expect(names).not.toContain('register_dataset');
  const refused = await client.callTool(register).catch((error) => error);
  expect(JSON.stringify([refused, refused.message])).toMatch(/FORBIDDEN|UNKNOWN_TOOL|no tool called|read-only/);
  expect((await bridgeTokens()).map((token) => token.token_grants)).toEqual([['system:read', 'lake:read']]);
  await client.close();

  // What the bridge was given, used past the bridge.
  const { answer, socket } = await askControl(server.dataDir, { ask: 'token', toolsets: ['lake'], read_only: true });
  const direct = await server.call('register_dataset', register.arguments, answer.token);
  expect(direct).toMatchObject({ status: 403, body: { error: { code: 'FORBIDDEN' } } });
  expect((await server.call('list_datasets', {}, answer.token)).status).toBe(200);
  socket.destroy();
  await until(async () => (await server.call('list_datasets', {}, answer.token)).status === 401);
});

test('two toolsets show both, and no others', async () => {
  const { client } = await connectBridge(server.dataDir, { flags: ['--toolsets', 'ops,lake'] });
  const { tools } = await client.listTools();
  expect(tools.map((tool: { name: string }) => tool.name)).toContain('register_dataset');
  expect((await bridgeTokens()).map((token) => token.token_grants?.includes('config:read'))).toEqual([false]);
  await client.close();
  await until(async () => (await bridgeTokens()).length === 0);
});

test('a bridge that is killed leaves the server well, and its token behind for nobody', async () => {
  const { client, pid } = await connectBridge(server.dataDir);
  await client.listTools();
  expect(await bridgeTokens()).toHaveLength(1);
  const waiting = client.callTool({ name: 'job_status', arguments: { job_id: 'job_none', wait_s: 20 } });
  waiting.catch(() => undefined);
  process.kill(pid, 'SIGKILL');
  await until(async () => (await bridgeTokens()).length === 0);
  expect((await server.call('list_datasets')).status).toBe(200);
  const next = await connectBridge(server.dataDir);
  expect((await next.client.listTools()).tools.length).toBeGreaterThan(0);
  await next.client.close();
});

test('a toolset that is none is said before anything is asked', async () => {
  const said = await pipe('', ['--toolsets', 'lake,kitchen']);
  expect(said).toMatchObject({ code: 2, out: '', notes: expect.stringContaining('kitchen') });
});

test('a pipe is answered before the bridge ends with it; only the protocol is on standard output', async () => {
  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'pipe', version: '1' } },
  };
  const said = await pipe(`${JSON.stringify(initialize)}\r\nhello\n\n{"jsonrpc":"2.0","id":2,"method":"tools/none"}`);
  const lines = said.out.trimEnd().split('\n');
  const messages = lines.map((line) => JSON.parse(line));
  expect(said.code).toBe(0);
  expect(messages).toHaveLength(3);
  expect(messages).toContainEqual(expect.objectContaining({ id: 1, result: expect.anything() }));
  expect(messages).toContainEqual({ jsonrpc: '2.0', error: expect.objectContaining({ code: -32700 }) });
  expect(messages).toContainEqual(expect.objectContaining({ id: 2, error: expect.anything() }));
});

test('capability variables go to the server and into no note', async () => {
  const { client, notes } = await connectBridge(server.dataDir, { env: { ORCHESTRA_API_KEY: 'hunter2' } });
  await client.listTools();
  expect(notes()).toContain('tools/list');
  expect(notes()).not.toContain('hunter2');
  await client.close();
});

async function pipe(input: string, flags: readonly string[] = []) {
  const { command, args, env } = bridgeCommand(server.dataDir, { flags });
  const child = spawn(command, args, { env, stdio: 'pipe' });
  child.stdin.end(input);
  const [out, notes, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, out, notes };
}
