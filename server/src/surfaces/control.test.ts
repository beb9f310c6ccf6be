import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askControl, until } from '../../test/support/bridge.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts';
import { listTokens } from '../core/auth/store.ts';
import { authenticate } from '../core/auth/tokens.ts';
import { createLog } from '../core/log.ts';
import { type Control, openControl } from './control.ts';

let database: TestDatabase;
let dataDir: string;
let control: Control;
const open = (directory: string, url = 'http://127.0.0.1:1') =>
  openControl({ dataDir: directory, db: database.db, log: createLog('silent'), url });
const ask = (request: unknown) => askControl(dataDir, request);
const whoIs = (token: string) => authenticate(database.db, token);

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(path.join(tmpdir(), 'tutti-control-'));
  control = await open(dataDir);
  writeFileSync(path.join(dataDir, 'server.json'), JSON.stringify({ control: control.path }));
});
afterAll(async () => {
  await control.close();
  await database.close();
  await rm(dataDir, { recursive: true, force: true });
});

test('the socket is its owner’s alone', () => {
  expect(control.path).toBe(path.join(dataDir, 'control.sock'));
  expect(statSync(control.path).mode & 0o777).toBe(0o600);
});

test('a token is limited to its toolsets and the system’s', async () => {
  const { answer, socket } = await ask({ ask: 'token', toolsets: ['lake'], ttl_s: 60 });
  expect(answer).toMatchObject({ url: 'http://127.0.0.1:1', token: expect.stringMatching(/^tutti_/) });
  expect(Date.parse(answer.expires_at) - Date.now()).toBeLessThanOrEqual(60_000);
  const { name, admin, scopes } = await whoIs(answer.token);
  expect({ name, admin }).toEqual({ name: 'stdio', admin: false });
  expect([...scopes].sort()).toEqual(
    ['lake', 'system'].flatMap((toolset) => ['destroy', 'read', 'write'].map((effect) => `${toolset}:${effect}`)),
  );
  socket.destroy();
});

test('read only means read only, and nobody may approve', async () => {
  const narrow = await ask({ ask: 'token', toolsets: ['lake', 'config'], read_only: true });
  expect([...(await whoIs(narrow.answer.token)).scopes].sort()).toEqual(['config:read', 'lake:read', 'system:read']);
  const wide = await ask({ ask: 'token' });
  const { scopes, admin } = await whoIs(wide.answer.token);
  expect(admin).toBe(false);
  for (const scope of ['config:approve', 'config:policy']) expect(scopes.has(scope)).toBe(false);
  for (const { socket } of [narrow, wide]) socket.destroy();
});

test('variables are with the caller while the connection lasts, and nowhere else', async () => {
  const { answer, socket } = await ask({ ask: 'token', variables: { ORCHESTRA_API_KEY: 'hunter2' } });
  const caller = await whoIs(answer.token);
  expect(caller.connection?.variables.get('ORCHESTRA_API_KEY')).toBe('hunter2');
  const other = await ask({ ask: 'token' });
  expect((await whoIs(other.answer.token)).connection?.variables.size).toBe(0);
  expect(JSON.stringify([caller, await listTokens(database.db)])).not.toContain('hunter2');

  socket.destroy();
  await until(async () => (await whoIs(answer.token).catch(() => undefined)) === undefined);
  expect(caller.connection?.variables.size).toBe(0);
  expect((await whoIs(other.answer.token)).name).toBe('stdio');
  other.socket.destroy();
});

test.each([
  ['no JSON', 'hello'],
  ['another question', { ask: 'admin' }],
  ['no such toolset', { ask: 'token', toolsets: ['lake', 'admin'] }],
  ['a variable that is not on the list', { ask: 'token', variables: { PATH: '/bin' } }],
  ['a token for ever', { ask: 'token', ttl_s: 10 ** 9 }],
])('%s is refused', async (_what, request) => {
  const { answer, socket } = await ask(request);
  expect(answer).toMatchObject({ success: false, error: { code: 'BAD_REQUEST' } });
  await new Promise((resolve) => socket.once('close', resolve));
});

test('who hangs up early, or says too much, harms nothing', async () => {
  connect(control.path).destroy();
  const { answer } = await ask('x'.repeat(100_000));
  expect(answer).toMatchObject({ success: false });
  const { answer: after, socket } = await ask({ ask: 'token' });
  expect(after.token).toBeDefined();
  socket.destroy();
});

test('a server takes away what a killed one gave, replaces its socket, and answers where it can be reached', async () => {
  const directory = path.join(dataDir, 'second');
  mkdirSync(directory, { mode: 0o700 });
  writeFileSync(path.join(directory, 'control.sock'), 'left behind');
  const left = await ask({ ask: 'token' });
  const second = await open(directory, 'http://0.0.0.0:7410');
  writeFileSync(path.join(directory, 'server.json'), JSON.stringify({ control: second.path }));
  await expect(whoIs(left.answer.token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  const { answer } = await askControl(directory, { ask: 'token' });
  expect(answer.url).toBe('http://127.0.0.1:7410');
  await second.close();
  await expect(whoIs(answer.token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(existsSync(second.path)).toBe(false);
});

test('a long path, or a directory that others may write to, has its socket elsewhere', async () => {
  const long = path.join(dataDir, 'd'.repeat(110));
  const shared = path.join(dataDir, 'shared');
  for (const directory of [long, shared]) {
    mkdirSync(directory);
    await chmod(directory, directory === shared ? 0o777 : 0o700);
    const elsewhere = await open(directory);
    expect(path.dirname(path.dirname(elsewhere.path))).toBe(tmpdir());
    expect(statSync(path.dirname(elsewhere.path)).mode & 0o777).toBe(0o700);
    await elsewhere.close();
    await chmod(path.dirname(elsewhere.path), 0o777);
    await expect(open(directory)).rejects.toThrow('only its owner');
    await rm(path.dirname(elsewhere.path), { recursive: true });
  }
});
