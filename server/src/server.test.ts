import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../test/support/database.ts';
import { oddServer } from '../test/support/downstream/bench.ts';
import { makeTempDir } from '../test/support/temp-dir.ts';
import { listServers } from './capabilities/workflows/downstream/store.ts';
import { listEntries } from './core/audit/store.ts';
import { server } from './server.ts';

const base = makeTempDir('server-command');
const dataDir = path.join(base, 'data');
const config = path.join(base, 'tutti.yaml');
let database: TestDatabase;
beforeAll(async () => {
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(config, 'workflows: {servers: [{name: fixed, url: "https://fixed.example.com/mcp"}]}\n');
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.close();
  rmSync(base, { recursive: true, force: true });
});
afterEach(() => vi.restoreAllMocks());

async function tutti(...args: string[]): Promise<{ code: number; out: string; notes: string }> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const notes = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const [verb = '', ...rest] = args;
  const place = ['--database-url', database.url, '--data-dir', dataDir, '--config', config];
  const code = await server([verb, ...place, ...rest]);
  const said = { code, out: out.mock.calls.join(''), notes: notes.mock.calls.join('') };
  vi.restoreAllMocks();
  return said;
}

test('a server is added by URL, by command and by file, listed, changed and removed', async () => {
  const web = ['--url', 'https://mail.example.com/mcp', '--bearer', 'secret:mail-token', '--header', 'x-team=billing'];
  expect(await tutti('add', 'web', ...web)).toMatchObject({ code: 0, notes: expect.stringContaining('web is added') });
  expect((await tutti('add', 'odd', '--env', 'KEY=a=b', '--', 'node', oddServer, '--loud')).code).toBe(0);
  const file = path.join(base, 'graph.yaml');
  writeFileSync(file, 'command: node\nargs: [graph.js]\nconcurrency: 2\nisolation: none\n');
  expect((await tutti('add', 'graph', '--file', file)).code).toBe(0);
  expect((await listServers(database.db)).find(({ name }) => name === 'odd')).toMatchObject({
    command: 'node',
    args: [oddServer, '--loud'],
    env: { KEY: 'a=b' },
  });
  expect(await tutti('add', 'odd', '--', 'node', oddServer)).toMatchObject({
    notes: expect.stringContaining('changed'),
  });
  expect((await tutti('list')).out.trim().split('\n')).toEqual([
    'fixed  https://fixed.example.com/mcp  (tutti.yaml)',
    'graph  node graph.js  (tutti server add)',
    `odd  node ${oddServer}  (tutti server add)`,
    'web  https://mail.example.com/mcp  (tutti server add)',
  ]);
  const listed = JSON.parse((await tutti('list', '--json')).out);
  expect(listed[3]).toEqual({
    name: 'web',
    from: 'tutti server add',
    where: 'https://mail.example.com/mcp',
    headers: ['x-team'],
    auth: 'bearer',
  });
  expect((await tutti('remove', 'graph')).code).toBe(0);
  expect((await tutti('remove', 'graph')).code).toBe(4);
});

test('a test starts it, tells its tools, and ends it; what fails is said in words', async () => {
  await tutti('add', 'odd', '--', process.execPath, oddServer);
  const answer = await tutti('test', 'odd');
  expect(answer).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^odd answers after \d+ ms and offers \d+: echo, /),
  });
  await tutti('add', 'broken', '--', process.execPath, '-e', 'console.error("no mailbox here"); process.exit(2)');
  const failed = await tutti('test', 'broken');
  expect(failed.code).toBe(6);
  expect(failed.notes).toContain('no mailbox here');
  expect((await tutti('test', 'absent')).code).toBe(4);
});

test.each<[string[], RegExp]>([
  [['add', 'tutti', '--url', 'https://example.com/mcp'], /another name/],
  [['add', 'Mail', '--url', 'https://example.com/mcp'], /short name/],
  [['add', 'mail'], /either command or url/],
  [['add', 'mail', '--url', 'https://user:word@example.com/mcp'], /no user or password/],
  [['add', 'mail', '--url', 'https://example.com/mcp', '--bearer', 'the-token-itself'], /never the value/],
  [['add', 'mail', '--url', 'https://example.com/mcp', '--', 'node'], /either command or url/],
  [['add', 'mail', '--bearer', 'secret:x', '--', 'node'], /with a url only/],
  [['add', 'mail', '--env', 'the-secret-itself', '--', 'node'], /NAME=value/],
  [['add', 'fixed', '--url', 'https://example.com/mcp'], /in the settings/],
  [['remove', 'fixed'], /in the settings/],
])('%j is refused, and its values are not repeated', async (args, words) => {
  const { code, notes } = await tutti(...(args as [string]));
  expect(code).toBe(2);
  expect(notes).toMatch(words);
  expect(notes).not.toMatch(/the-(token|secret)-itself|:word@/);
});

test('changes are in the audit trail, without the values of variables', async () => {
  await tutti('add', 'traced', '--env', 'PASSWORD=a-value-of-it', '--', 'node', 'mail.js');
  await tutti('remove', 'traced');
  const entries = (await listEntries(database.db, { principal: 'cli', limit: 2 })).reverse();
  expect(entries).toMatchObject([
    {
      tool: 'tutti server add',
      effect: 'write',
      detail: { server: 'traced', where: 'node mail.js', env: ['PASSWORD'] },
    },
    { tool: 'tutti server remove', effect: 'destroy', detail: { server: 'traced' } },
  ]);
  expect(JSON.stringify(entries)).not.toContain('a-value-of-it');
});
