import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { simulated } from '../support/orchestra.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const root = path.join(import.meta.dirname, '../../..');
const key = 'a-key-from-the-vault';
const reference = 'op://GRC/DA Agent Hub - Orchestra/credential';
const simulator = await simulated({ key });

/** Holds the stand-ins of `op` and `node`, what they saw, and the only directories that the script may write to. */
const stage = makeTempDir('launch');
const [bin, home, temporary] = ['bin', 'home', 'tmp'].map((name) => path.join(stage, name)) as [string, string, string];
const [vault, calls, environments] = ['vault', 'calls', 'environments'].map((name) => path.join(stage, name)) as [
  string,
  string,
  string,
];
let server: TestServer;

beforeAll(async () => {
  for (const directory of [bin, home, temporary]) mkdirSync(directory);
  // As `op run` does: each variable that holds a reference gets its value, for the command alone; no value, no command.
  executable(
    'op',
    `printf '%s\\n' "$*" >> '${calls}'
     while [[ "$1" != -- ]]; do shift; done; shift
     for name in $(compgen -e); do
       [[ "\${!name}" == op://* ]] || continue
       line=$(grep -F "\${!name}=" '${vault}') || { echo "[ERROR] could not find item \${!name}" >&2; exit 1; }
       export "$name=\${line#*=}"
     done
     exec "$@"`,
  );
  executable(
    'node',
    `env -0 >> '${environments}'; printf '\\0--\\0' >> '${environments}'; exec '${process.execPath}' "$@"`,
  );
  server = await startTestServer(['--egress-allow', '127.0.0.1']);
});
afterAll(async () => {
  await server.stop();
  rmSync(stage, { recursive: true, force: true });
});
beforeEach(() => {
  for (const file of [calls, environments]) rmSync(file, { force: true });
  writeFileSync(vault, `${reference}=${key}\nop://Team/Orchestra/token=${key}\n`);
});

function executable(name: string, body: string): void {
  const file = path.join(bin, name);
  writeFileSync(file, `#!/usr/bin/env bash\n${body}\n`);
  chmodSync(file, 0o755);
}

/** As a client starts it, by the entry of the repository. */
function entry(env: Readonly<Record<string, string>>) {
  const { command, args } = JSON.parse(readFileSync(path.join(root, '.mcp.json'), 'utf8')).mcpServers['orchestra-mcp'];
  return {
    command: command as string,
    args: [...(args as string[]), '--debug'],
    cwd: root,
    env: {
      PATH: `${bin}:${tools()}`,
      HOME: home,
      TMPDIR: temporary,
      TUTTI_DATA_DIR: server.dataDir,
      ORCHESTRA_API_BASE_URL: simulator.url,
      ...env,
    },
  };
}

async function connect(env: Readonly<Record<string, string>> = {}) {
  const transport = new StdioClientTransport({ ...entry(env), stderr: 'pipe' });
  let notes = '';
  transport.stderr?.on('data', (chunk: Buffer) => (notes += chunk.toString()));
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(transport);
  return { client, notes: () => notes };
}

/** Runs the script to its end, as it must end where there is no key. */
async function failing(env: Readonly<Record<string, string>>) {
  const { command, args, ...options } = entry(env);
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

/** The environments that Node was started in, in their order. */
function seen(): string[] {
  return readFileSync(environments, 'utf8').split('\0--\0').slice(0, -1);
}

async function expectRuns({ client }: Awaited<ReturnType<typeof connect>>): Promise<void> {
  const { isError, structuredContent } = await client.callTool({
    name: 'list_pipeline_runs',
    arguments: { limit: 1 },
  });
  expect({ isError, runs: (structuredContent as { items?: unknown[] })?.items?.length }).toMatchObject({ runs: 1 });
}

test('the entry of the repository leads to Orchestra with the key that 1Password has, which nobody else sees', async () => {
  const secret = { OP_SERVICE_ACCOUNT_TOKEN: 'ops_token', OP_SESSION_team: 'session' };
  const bridge = await connect(secret);
  await expectRuns(bridge);
  await bridge.client.close();
  expect(readFileSync(calls, 'utf8').split('\n').filter(Boolean)).toEqual([
    expect.stringMatching(/^run --no-masking -- bash -c/),
    expect.stringMatching(/^run --no-masking -- env .*node scripts\/run\.mjs orchestra-mcp --debug$/),
  ]);
  const [installing = '', running = ''] = seen();
  expect(installing).not.toContain('ORCHESTRA_API_KEY');
  expect(running).toContain(`ORCHESTRA_API_KEY=${key}`);
  expect(running).not.toMatch(/OP_SERVICE|OP_SESSION|ops_token/);
  expect(bridge.notes()).toContain('tools/call list_pipeline_runs');
  expect(bridge.notes()).not.toContain(key);
  expect([...readdirSync(home), ...readdirSync(temporary)]).toEqual([]);
});

test('another reference is resolved; a file with the key is taken as it is, without 1Password', async () => {
  const other = await connect({ ORCHESTRA_API_KEY: 'op://Team/Orchestra/token' });
  await expectRuns(other);
  await other.client.close();
  rmSync(calls);
  const file = path.join(stage, 'key');
  writeFileSync(file, `${key}\n`, { mode: 0o600 });
  const plain = await connect({ ORCHESTRA_API_KEY_FILE: file });
  await expectRuns(plain);
  await plain.client.close();
  expect(existsSync(calls)).toBe(false);
});

interface Lack {
  readonly what: string;
  readonly vault?: string;
  readonly path?: () => string;
  readonly said: RegExp;
}

const lacks: readonly Lack[] = [
  {
    what: 'the vault has no such item',
    vault: '',
    said: /could not find item op:\/\/GRC[\s\S]*no key for op:\/\/GRC.*op signin/,
  },
  { what: 'the item is empty', vault: `${reference}=\n`, said: /gave no key for op:\/\/GRC/ },
  { what: 'there is no op', path: nodeAlone, said: /1Password command op is missing.*ORCHESTRA_API_KEY_FILE/ },
  { what: 'there is no Node', path: () => '/nonexistent', said: /Node.js is missing/ },
];

test.each(lacks)('it ends with a sentence where $what, and nothing goes to standard output', async (lack) => {
  if (lack.vault !== undefined) writeFileSync(vault, lack.vault);
  const { code, stdout, stderr } = await failing(lack.path ? { PATH: `${lack.path()}:${tools()}` } : {});
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(lack.said);
  expect(stderr).not.toContain(key);
  expect([...readdirSync(home), ...readdirSync(temporary)]).toEqual([]);
});

/** A directory of the stand-ins without that of `op`. */
function nodeAlone(): string {
  const directory = path.join(stage, 'node-alone');
  mkdirSync(directory);
  symlinkSync(path.join(bin, 'node'), path.join(directory, 'node'));
  return directory;
}

/** What the script needs of a machine, and nothing that this one may have besides: neither Node nor op. */
function tools(): string {
  const directory = path.join(stage, 'tools');
  if (existsSync(directory)) return directory;
  mkdirSync(directory);
  for (const name of ['bash', 'dirname', 'realpath', 'env', 'grep'])
    symlinkSync(`/usr/bin/${name}`, path.join(directory, name));
  return directory;
}
