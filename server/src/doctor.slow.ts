import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runTutti, type ServeProcess, serveProcess } from '../test/support/serve-process.ts';
import { makeTempDir } from '../test/support/temp-dir.ts';

const base = makeTempDir('doctor');
const dataDir = path.join(base, 'data');
let server: ServeProcess;
beforeAll(async () => {
  server = await serveProcess(dataDir);
});
afterAll(async () => {
  await server.stop();
  rmSync(base, { recursive: true, force: true });
});

interface Check {
  readonly state: string;
  readonly message: string;
  readonly suggestion?: string;
}

async function doctor(directory: string, ...flags: readonly string[]) {
  const { code, output } = await runTutti(['doctor', '--json', '--data-dir', directory, ...flags]);
  const { ok, checks } = JSON.parse(output) as { ok: boolean; checks: (Check & { name: string })[] };
  expect(ok).toBe(code === 0);
  for (const { state, suggestion } of checks) expect(suggestion === undefined).toBe(state === 'ok' || state === 'skip');
  return { code, checks: Object.fromEntries(checks.map((check) => [check.name, check])) };
}

const states = (checks: Record<string, Check>) =>
  Object.fromEntries(Object.entries(checks).map(([name, { state }]) => [name, state]));

test('beside a running server all is well, and all is looked at', async () => {
  const before = readdirSync(dataDir);
  const { code, checks } = await doctor(dataDir);
  const names = ['node', 'settings', 'data_dir', 'keys', 'disk', 'engines', 'port', 'database', 'lock', 'migrations'];
  expect(states(checks)).toEqual({
    ...Object.fromEntries([...names, 'clock', 'jobs', 'calls', 'servers'].map((name) => [name, 'ok'])),
    // Nobody needs an engine who runs no jobs.
    // Nor a key who has no account.
    orchestra: 'skip',
    docker: expect.stringMatching(/^(ok|skip)$/),
    docker_walls: expect.stringMatching(/^(ok|skip)$/),
  });
  expect(code).toBe(0);
  expect(checks.port?.message).toContain(server.url);
  expect(checks.lock?.message).toContain('A server holds this directory');
  expect(checks.settings?.message).toContain('data_dir (flag)');
  expect(readdirSync(dataDir)).toEqual(before);
  const text = await runTutti(['doctor', '--data-dir', dataDir]);
  expect(text.output).toMatch(/^ok {4}node +Node \d/);
  expect(text.output).toMatch(/All is well\.\n$/);
});

test('a Docker engine that the operator named and that does not answer is a problem', async () => {
  const host = 'unix:///nonexistent/docker.sock';
  const { code, checks } = await doctor(
    path.join(base, 'x'),
    '--config',
    yaml(`port: 0\nops: {docker_host: '${host}'}\n`),
  );
  expect(code).toBe(1);
  expect(checks.docker).toMatchObject({
    state: 'fail',
    message: expect.stringContaining(host),
    suggestion: expect.stringMatching(/install/i),
  });
});

test('a downstream server whose program is missing is a problem, and one without isolation a warning', async () => {
  const declared = (server: string) => yaml(`port: 0\nworkflows: {servers: [${server}]}\n`);
  const nowhere = path.join(base, 'x');
  const missing = await doctor(nowhere, '--config', declared('{name: mail, command: tutti-no-such-program}'));
  expect(missing.checks.servers).toMatchObject({ state: 'fail', message: expect.stringContaining('mail') });
  const free = await doctor(nowhere, '--config', declared('{name: mail, command: node, isolation: none}'));
  expect(free).toMatchObject({ code: 0, checks: { servers: { state: 'warn' } } });
});

test('before the first start it makes nothing, not even the directory', async () => {
  const nowhere = path.join(base, 'nowhere');
  const { code, checks } = await doctor(nowhere, '--config', yaml('port: 0\n'));
  expect(code).toBe(0);
  expect(checks.database).toMatchObject({ state: 'ok', message: expect.stringContaining('none yet') });
  expect(checks.jobs?.state).toBe('skip');
  expect(existsSync(nowhere)).toBe(false);
});

test('a key that others can read, an open directory and a port of somebody else are found', async () => {
  const loose = path.join(base, 'loose');
  mkdirSync(path.join(loose, 'keys'), { recursive: true });
  chmodSync(loose, 0o755);
  writeFileSync(path.join(loose, 'keys/presign.json'), '{}', { mode: 0o644 });
  const other = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as net.AddressInfo;
  const { code, checks } = await doctor(loose, '--config', yaml(`port: ${port}\n`));
  other.close();
  expect(code).toBe(1);
  expect(checks.keys).toMatchObject({ state: 'fail', suggestion: expect.stringContaining('chmod 600') });
  expect(checks.data_dir).toMatchObject({ state: 'warn', suggestion: `chmod go-rw ${loose}` });
  expect(checks.port).toMatchObject({ state: 'fail', message: expect.stringContaining(String(port)) });
  expect(statSync(path.join(loose, 'keys/presign.json')).mode & 0o777).toBe(0o644);
});

test('an unknown setting, a database that is away and one of another major are found', async () => {
  const unknown = await doctor(dataDir, '--config', yaml('prot: 1\n'));
  expect(unknown).toMatchObject({ code: 1, checks: { settings: { message: expect.stringContaining('prot') } } });
  const away = await doctor(dataDir, '--database-url', 'postgresql://x@127.0.0.1:1/x');
  expect(away).toMatchObject({ code: 1, checks: { database: { state: 'fail' }, jobs: { state: 'skip' } } });
  const old = path.join(base, 'old');
  mkdirSync(path.join(old, 'postgres/data'), { recursive: true });
  writeFileSync(path.join(old, 'postgres/data/PG_VERSION'), '9\n');
  const { checks } = await doctor(old);
  expect(checks.database).toMatchObject({ state: 'fail', message: expect.stringContaining('PostgreSQL 9') });
});

function yaml(text: string): string {
  const file = path.join(base, 'some.yaml');
  writeFileSync(file, text);
  return file;
}
