import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findWalls } from '../../src/capabilities/workflows/downstream/isolation/walls.ts';
import { grantSecret, putSecret } from '../../src/core/auth/secrets/store.ts';
import {
  createDownstreamBench,
  type DownstreamBench,
  failureOf,
  odd,
  processesWith,
  until,
} from '../support/downstream/bench.ts';

const require = createRequire(import.meta.url);
const programs = {
  everything: require.resolve('@modelcontextprotocol/server-everything/package.json'),
  filesystem: require.resolve('@modelcontextprotocol/server-filesystem/package.json'),
  memory: require.resolve('@modelcontextprotocol/server-memory/package.json'),
};
const marker = `odd-${randomUUID()}`;
const secret = 'the-password-of-the-mailbox';
let bench: DownstreamBench;
let tokenFile: string;
let secretFile: string;

beforeAll(async () => {
  process.env.DOWNSTREAM_MAILBOX = secret;
  const real = (name: keyof typeof programs, args: readonly string[] = [], env = {}) => ({
    name,
    command: process.execPath,
    args: [path.join(path.dirname(programs[name]), 'dist/index.js'), ...args],
    env,
    connect_timeout_s: 30,
  });
  bench = await createDownstreamBench([
    odd('own', { env: { MAILBOX: 'secret:mailbox', PLAIN: 'text' } }, marker),
    odd('second', { memory_mb: 1500 }),
    odd('third'),
    odd('fourth'),
    real('everything', [], { DECLARED: 'this alone' }),
    real('filesystem', ['/']),
    real('memory', [], { MEMORY_FILE_PATH: '{work_dir}/graph.json' }),
    odd('ungranted', { env: { MAILBOX: 'secret:no-such-secret' } }),
    odd('another', { env: { MAILBOX: 'secret:mailbox' } }),
  ]);
  const { db } = bench.database;
  await putSecret(db, 'mailbox', 'env:DOWNSTREAM_MAILBOX');
  await grantSecret(db, 'mailbox', { server: 'own' });
  mkdirSync(path.join(bench.dataDir, 'keys'), { recursive: true, mode: 0o711 });
  chmodSync(bench.dataDir, 0o711);
  tokenFile = path.join(bench.dataDir, 'admin.token');
  writeFileSync(tokenFile, 'the-token-of-the-administrator', { mode: 0o600 });
  secretFile = path.join(path.dirname(bench.dataDir), 'another-secret');
  writeFileSync(secretFile, 'a secret in a file of its own', { mode: 0o644 });
  await putSecret(db, 'in-a-file', `file:${secretFile}`);
  // As it never is: what keeps servers out must not be the modes of single files alone.
  writeFileSync(path.join(bench.dataDir, 'keys/loose.json'), 'a key', { mode: 0o644 });
});
afterAll(() => bench.close());

const call = (server: string, tool: string, args = {}) => bench.downstream.call(server, tool, args);

test('servers that start at once are users of their own each', async () => {
  const names = ['own', 'second', 'third', 'fourth'];
  const answers = (await Promise.all(names.map((name) => call(name, 'env')))) as { uid: number }[];
  const { users } = await findWalls();
  expect(new Set(answers.map(({ uid }) => uid)).size).toBe(users ? names.length : 1);
});

test('a child has the environment that is declared for it, secrets included, and nothing of ours', async () => {
  expect(await call('own', 'has', { variable: 'MAILBOX', value: secret })).toBe(true);
  const { env } = (await call('own', 'env')) as { env: object };
  expect(Object.keys(env).sort()).toEqual(['MAILBOX', 'PLAIN']);
  expect(await call('everything', 'get-env')).toEqual({ DECLARED: 'this alone' });
});

test('neither answers nor failures, status or log hold a secret, and the log no words of a server', async () => {
  expect(await call('own', 'env')).toMatchObject({ env: { MAILBOX: '[redacted]', PLAIN: 'text' } });
  expect(await call('own', 'json', { value: { [secret]: [`it is ${secret}.`] } })).toEqual({
    '[redacted]': ['it is [redacted].'],
  });
  const words = 'words of a mail that nobody else may read';
  expect(await failureOf(call('own', 'fail', { words: secret }))).toMatchObject({
    message: 'no such mailbox [redacted]',
  });
  await call('own', 'echo', { text: words });
  await failureOf(call('own', 'number', { n: words }));
  await failureOf(call('own', 'no_result', { words }));
  const told = bench.log() + JSON.stringify(bench.downstream.status());
  expect(told).toContain('connected to a downstream server');
  expect(told).not.toContain(secret);
  expect(told).not.toContain(words);
});

test('a secret that was not granted starts nothing', async () => {
  for (const name of ['ungranted', 'another']) {
    expect(await failureOf(call(name, 'echo'))).toMatchObject({ kind: 'unreachable', sent: false });
    expect(bench.trace(name)).toEqual([]);
  }
});

test('its working directory is its own, beside the data directory and not in it', async () => {
  const [own, second] = (await Promise.all([call('own', 'env'), call('second', 'env')])) as {
    cwd: string;
    uid: number;
  }[];
  expect(own?.cwd).toBe(path.join(`${bench.dataDir}-servers`, 'own'));
  expect(second?.cwd).toBe(path.join(`${bench.dataDir}-servers`, 'second'));
  expect(statSync(own?.cwd ?? '').mode & 0o777).toBe(0o700);
  const { users } = await findWalls();
  if (!users) return;
  expect(own?.uid).not.toBe(process.getuid?.());
  expect(own?.uid).not.toBe(second?.uid);
  expect(await failureOf(call('own', 'read_file', { file: path.join(second?.cwd ?? '', 'trace') }))).toMatchObject({
    kind: 'tool_error',
    message: 'EACCES',
  });
});

test('neither a child of ours nor server-filesystem with all of / reads the data directory', async () => {
  // Where no namespaces can be had, the modes of files are all there is.
  const hidden = (await findWalls()).kind === 'namespaces';
  const loose = hidden ? [path.join(bench.dataDir, 'keys/loose.json')] : [];
  for (const file of [tokenFile, ...loose, `/proc/${process.pid}/root${tokenFile}`, `/proc/${process.pid}/environ`]) {
    expect(await failureOf(call('own', 'read_file', { file }))).toMatchObject({ kind: 'tool_error' });
    expect(await failureOf(call('filesystem', 'read_text_file', { path: file }))).toMatchObject({ kind: 'tool_error' });
  }
  if (hidden) expect(await call('own', 'read_file', { file: secretFile })).toBe('');
  const listed = (await call('filesystem', 'list_directory', { path: bench.dataDir }).catch(String)) as unknown;
  expect(JSON.stringify(listed)).not.toContain('admin.token');
  const readable = (await call('filesystem', 'read_text_file', { path: '/etc/hostname' })) as unknown;
  expect(JSON.stringify(readable)).toContain(readFileSync('/etc/hostname', 'utf8').trim());
});

test('a child gets as much memory as its declaration says, and lives on where it wants more', async () => {
  expect(await call('own', 'take', { mb: 2048 })).toBe(32);
  expect(await failureOf(call('second', 'take', { mb: 2048 }))).toMatchObject({ kind: 'tool_error' });
  expect(await call('second', 'echo', { text: 'x' })).toBe('x');
});

test('server-memory keeps its graph in its own directory', async () => {
  const entities = [{ name: 'desk', entityType: 'team', observations: ['answers mail'] }];
  await call('memory', 'create_entities', { entities });
  expect(await call('memory', 'search_nodes', { query: 'desk' })).toMatchObject({ entities });
});

test('server-everything: sums, structure and progress', async () => {
  expect(await call('everything', 'get-sum', { a: 2, b: 40 })).toContain('42');
  expect(await call('everything', 'get-structured-content', { location: 'Chicago' })).toMatchObject({
    temperature: expect.any(Number),
  });
  const seen: unknown[] = [];
  await bench.downstream.call(
    'everything',
    'trigger-long-running-operation',
    { duration: 0.4, steps: 4 },
    {
      onProgress: (fraction) => seen.push(fraction),
    },
  );
  expect(seen.slice(0, 2)).toEqual([0.25, 0.5]);
});

test('at the close a child ends with all that it started, also what left its process group', async () => {
  const helper = `helper-${randomUUID()}`;
  if ((await findWalls()).kind === 'namespaces') {
    await call('own', 'helper', { marker: helper });
    expect(processesWith(helper)).not.toEqual([]);
  }
  expect(processesWith(marker)).not.toEqual([]);
  await bench.downstream.close();
  await until(() => processesWith(marker).length === 0 && processesWith(helper).length === 0);
});
