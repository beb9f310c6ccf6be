import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { odd, processesWith, until } from '../support/downstream/bench.ts';
import type { DownstreamProcessSettings } from '../support/downstream/process.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const program = path.join(import.meta.dirname, '../support/downstream/process.ts');
const ordinary = 54_321;
const base = makeTempDir('orphans');
const started: ChildProcess[] = [];
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await database.close();
  rmSync(base, { recursive: true, force: true });
});

type Calls = Pick<DownstreamProcessSettings, 'servers' | 'calls'>;

/** Starts the process, as another user or within another command where one is given; answers what came of its calls. */
async function run(name: string, { servers, calls }: Calls, uid?: number, around: readonly string[] = []) {
  const home = path.join(base, name);
  const dataDir = path.join(home, 'data');
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(path.join(dataDir, 'admin.token'), 'the-token-of-the-administrator', { mode: 0o600 });
  writeFileSync(path.join(home, 'token'), 'the-token-of-another-server', { mode: 0o600 });
  chmodSync(home, 0o755);
  for (const place of [home, dataDir, path.join(dataDir, 'admin.token'), path.join(home, 'token')])
    if (uid) chownSync(place, uid, uid);
  const settings: DownstreamProcessSettings = { databaseUrl: database.url, dataDir, servers, calls, uid };
  const [file = '', ...args] = [...around, process.execPath, program, JSON.stringify(settings)];
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  await until(() => output.endsWith('done\n') || child.exitCode !== null);
  const outcomes = output
    .trim()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  return { child, dataDir, outcomes };
}

test.each([
  ['isolated', {}],
  ['free', { isolation: 'none' }],
])('%s: SIGKILL of our process leaves no child, not even one that ends by nothing else', async (name, more) => {
  const marker = `odd-${randomUUID()}`;
  const helper = `helper-${randomUUID()}`;
  const { child, outcomes } = await run(name, {
    servers: [odd('deaf', more, 'deaf', marker), odd('usual', more, marker)],
    calls: [
      ['deaf', 'echo', { text: 'x' }],
      ['usual', 'echo', { text: 'y' }],
      ...(name === 'isolated' ? [['deaf', 'helper', { marker: helper }] as const] : []),
    ],
  });
  expect(outcomes.slice(0, 2)).toEqual([{ value: 'x' }, { value: 'y' }]);
  expect(processesWith(marker).length).toBeGreaterThan(1);
  child.kill('SIGKILL');
  await until(() => processesWith(marker).length === 0 && processesWith(helper).length === 0);
});

test.runIf(process.getuid?.() === 0)('an ordinary user has the same walls, by a namespace of users', async () => {
  const marker = `odd-${randomUUID()}`;
  const home = path.join(base, 'ordinary');
  const read = (file: string) => ['odd', 'read_file', { file }] as const;
  const { child, outcomes } = await run(
    'ordinary',
    {
      servers: [
        odd('odd', {}, marker),
        { name: 'other', url: 'https://example.com/mcp', bearer: `file:${path.join(home, 'token')}` },
      ],
      calls: [
        ['odd', 'env', {}],
        read(path.join(home, 'data/admin.token')),
        read(path.join(home, 'data-servers/odd/trace')),
        read('/proc/1/environ'),
        read(path.join(home, 'token')),
      ],
    },
    ordinary,
  );
  const [env, token, trace, first, bearer] = outcomes;
  expect(env).toMatchObject({ value: { env: {}, cwd: path.join(home, 'data-servers/odd') } });
  expect(token).toMatchObject({ kind: 'tool_error', failure: 'EACCES' });
  expect(trace.value).toContain('call read_file');
  // The credential of another server is its user's as well, and yet an empty file.
  expect(bearer).toEqual({ value: '' });
  // Process 1 of its world is the child itself.
  expect(JSON.stringify(first)).not.toContain('HOME');
  child.kill('SIGKILL');
  await until(() => processesWith(marker).length === 0);
});

test.runIf(process.getuid?.() === 0)('root without namespaces, as in a container, has users at least', async () => {
  const marker = `odd-${randomUUID()}`;
  const home = path.join(base, 'contained');
  const { child, outcomes } = await run(
    'contained',
    {
      servers: [odd('odd', {}, 'deaf', marker)],
      calls: [
        ['odd', 'env', {}],
        ['odd', 'read_file', { file: path.join(home, 'data/admin.token') }],
        ['odd', 'read_file', { file: path.join(home, 'data-servers/odd/trace') }],
      ],
    },
    undefined,
    ['setpriv', '--bounding-set', '-sys_admin', '--'],
  );
  const [env, token, trace] = outcomes;
  expect(env.value.env).toEqual({});
  expect(env.value.uid).toBeGreaterThan(60_000);
  expect(token).toMatchObject({ kind: 'tool_error', failure: 'EACCES' });
  expect(trace.value).toContain('call read_file');
  child.kill('SIGKILL');
  await until(() => processesWith(marker).length === 0);
});

test.runIf(process.getuid?.() === 0)(
  'where nothing keeps a server in, it starts only at the word of its operator',
  async () => {
    // Whoever stands in another root may make no namespace of users.
    const elsewhere = makeTempDir('root');
    const enter = 'mount --rbind / "$0" && exec chroot "$0" "$@"';
    const { child, outcomes } = await run(
      'sealed',
      {
        servers: [odd('odd'), odd('trusted', { isolation: 'none' })],
        calls: [
          ['odd', 'echo', { text: 'x' }],
          ['trusted', 'echo', { text: 'y' }],
        ],
      },
      ordinary,
      ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', enter, elsewhere],
    );
    expect(outcomes).toEqual([{ kind: 'unreachable', failure: expect.stringContaining('namespaces') }, { value: 'y' }]);
    child.kill('SIGKILL');
    // Not with all that is in it: it was the root of that world.
    rmdirSync(elsewhere);
  },
);
