import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import {
  type Bridge,
  bridgeCommand,
  bridgeConnectors,
  connectBridge,
  isAlive,
  serverInfo,
  stopStartedServer,
  until,
} from '../support/bridge.ts';
import { serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const directories: string[] = [];
afterEach(async () => {
  for (const directory of directories.splice(0)) await stopStartedServer(directory);
});

function freshDir(): string {
  const directory = makeTempDir('bridge');
  directories.push(directory);
  return directory;
}

async function register({ client }: Bridge, name: string): Promise<string> {
  const { structuredContent } = await client.callTool({
    name: 'register_dataset',
    arguments: { name, uri: `tutti://${name}` },
  });
  return structuredContent.name;
}

async function datasets({ client }: Bridge): Promise<string[]> {
  const { structuredContent } = await client.callTool({ name: 'list_datasets', arguments: {} });
  return structuredContent.items.map((item: { name: string }) => item.name).sort();
}

test.each(['v2 client, negotiating', 'v1 client'])(
  'the %s has a server started for it, which lives on',
  async (kind) => {
    const dataDir = freshDir();
    const connect = bridgeConnectors[kind] as typeof connectBridge;
    const env = { ORCHESTRA_API_KEY: 'hunter2' };
    const bridge = await connect(dataDir, { env });
    const { pid } = serverInfo(dataDir);
    expect(await register(bridge, 'first')).toBe('first');
    // The negotiating client asks a short-lived bridge first, which starts it then.
    if (kind === 'v1 client') expect(bridge.notes()).toContain('starting one');
    await bridge.client.close();
    await until(() => !isAlive(bridge.pid));
    expect(isAlive(pid)).toBe(true);

    const log = path.join(dataDir, 'server.log');
    expect(statSync(log).mode & 0o777).toBe(0o600);
    expect(readFileSync(log, 'utf8')).toContain('is ready');
    // It serves others too, so it has nothing of the bridge that happened to start it.
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('hunter2');

    const again = await connect(dataDir);
    expect(await datasets(again)).toEqual(['first']);
    expect(again.notes()).not.toContain('starting one');
    expect(serverInfo(dataDir).pid).toBe(pid);
    await again.client.close();
  },
  120_000,
);

test('three bridges at once start one server and share its state', async () => {
  const dataDir = freshDir();
  const bridges = await Promise.all([connectBridge(dataDir), connectBridge(dataDir), connectBridge(dataDir)]);
  const names = ['a', 'b', 'c'];
  await Promise.all(bridges.map((bridge, index) => register(bridge, names[index] as string)));
  for (const bridge of bridges) expect(await datasets(bridge)).toEqual(names);
  await Promise.all(bridges.map(({ client }) => client.close()));
});

test('a bridge that is killed while its server starts leaves a server that starts', async () => {
  const dataDir = freshDir();
  const { command, args, env } = bridgeCommand(dataDir);
  const bridge = spawn(command, args, { env, stdio: ['pipe', 'ignore', 'ignore'] });
  bridge.stdin.write('{"jsonrpc":"2.0","id":1,"method":"tools/list"}\n');
  await until(() => existsSync(path.join(dataDir, 'postgres')));
  bridge.kill('SIGKILL');
  await until(() => existsSync(path.join(dataDir, 'server.json')));
  const next = await connectBridge(dataDir);
  expect(await register(next, 'well')).toBe('well');
  expect(next.notes()).not.toContain('starting one');
  await next.client.close();
});

test('a bridge goes on when its server is restarted, and starts one when nobody else does', async () => {
  const dataDir = freshDir();
  const first = await serveProcess(dataDir);
  const bridge = await connectBridge(dataDir);
  await bridge.client.listTools();
  await register(bridge, 'kept');

  await first.stop();
  const second = await serveProcess(dataDir);
  expect(await datasets(bridge)).toEqual(['kept']);

  await second.kill();
  expect(await datasets(bridge)).toEqual(['kept']);
  expect(serverInfo(dataDir).pid).not.toBe(second.child.pid);
  expect(bridge.notes()).toContain('starting one');
  await bridge.client.close();
});

test('a server that cannot start is an answer that says where to look', async () => {
  const dataDir = freshDir();
  const failed = connectBridge(dataDir, { env: { TUTTI_NO_SUCH_SETTING: 'x' } });
  await expect(failed).rejects.toThrow(/could not start.*server\.log/);
  expect(readFileSync(path.join(dataDir, 'server.log'), 'utf8')).toContain('TUTTI_NO_SUCH_SETTING');
});

test('a port that is taken leads to a free one', async () => {
  const [one, other] = [freshDir(), freshDir()];
  const first = await serveProcess(one);
  const bridge = await connectBridge(other, { env: { TUTTI_PORT: new URL(first.url).port } });
  expect(serverInfo(other).url).not.toBe(first.url);
  await register(bridge, 'here');
  expect(bridge.notes()).toContain('the port is taken');
  await bridge.client.close();
});
