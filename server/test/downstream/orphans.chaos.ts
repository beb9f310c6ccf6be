import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
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

/** Starts the process, as another user where one is given, and answers it with what came of its calls. */
async function run(name: string, { servers, calls }: Calls, uid?: number) {
  const home = path.join(base, name);
  const dataDir = path.join(home, 'data');
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(path.join(dataDir, 'admin.token'), 'the-token-of-the-administrator', { mode: 0o600 });
  chmodSync(home, 0o755);
  for (const place of [home, dataDir, path.join(dataDir, 'admin.token')]) if (uid) chownSync(place, uid, uid);
  const settings: DownstreamProcessSettings = { databaseUrl: database.url, dataDir, servers, calls, uid };
  const child = spawn(process.execPath, [program, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
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
      servers: [odd('odd', {}, marker)],
      calls: [
        ['odd', 'env', {}],
        read(path.join(home, 'data/admin.token')),
        read(path.join(home, 'data-servers/odd/trace')),
        read('/proc/1/environ'),
      ],
    },
    ordinary,
  );
  const [env, token, trace, first] = outcomes;
  expect(env).toMatchObject({ value: { env: {}, cwd: path.join(home, 'data-servers/odd') } });
  expect(token).toMatchObject({ kind: 'tool_error', failure: 'EACCES' });
  expect(trace.value).toContain('call read_file');
  // Process 1 of its world is the child itself.
  expect(JSON.stringify(first)).not.toContain('HOME');
  child.kill('SIGKILL');
  await until(() => processesWith(marker).length === 0);
});
