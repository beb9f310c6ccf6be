import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getFromToml } from '../../client/src/connect-toml.ts';
import { readSettings } from '../src/core/settings.ts';
import { connectBridge } from './support/bridge.ts';
import { type AnyClient, connectors } from './support/mcp-clients.ts';
import { startTestServer, type TestServer } from './support/server.ts';

const directory = path.join(import.meta.dirname, '../../examples');
const read = (file: string) => readFileSync(path.join(directory, file), 'utf8');
const files = readdirSync(path.join(directory, 'clients'));

interface Entry {
  readonly command?: string;
  readonly args?: readonly string[];
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function entryOf(file: string): Promise<Entry> {
  const text = read(`clients/${file}`);
  if (file.endsWith('.toml')) return (await getFromToml(text, ['mcp_servers', 'orcaops'])) as Entry;
  const { mcpServers, servers } = JSON.parse(text);
  return (mcpServers ?? servers).orcaops;
}

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

test.each(files)('%s leads a client to the tools of ops', async (file) => {
  const { command, args, url, headers } = await entryOf(file);
  let client: AnyClient;
  if (command === undefined) {
    expect(headers?.Authorization).toMatch(/^Bearer \$\{[\w:-]+\}$/);
    const { pathname, origin } = new URL(url ?? '');
    expect(origin).toBe('http://127.0.0.1:7410');
    const { secret } = await server.token('example', ['ops:read', 'ops:write', 'system:read']);
    const [connect] = Object.values(connectors);
    ({ client } = await (connect as NonNullable<typeof connect>)(`${server.url}${pathname}`, secret));
  } else {
    const flags = (args ?? []).filter((flag) => flag !== '--debug');
    expect(flags).toEqual([]);
    ({ client } = await connectBridge(server.dataDir, { command }));
  }
  const names = (await client.listTools()).tools.map((tool: { name: string }) => tool.name);
  expect(names).toEqual(expect.arrayContaining(['orcaops_run_job', 'orcaops_get_job_status', 'job_status']));
  expect(names).not.toContain('register_dataset');
  const answer = await client.callTool({ name: 'job_status', arguments: { job_id: 'job_none' } });
  expect(JSON.parse(answer.content[0].text).error.code).toBe('NOT_FOUND');
  await client.close();
});

test('the settings of the example are settings, and its server can stand behind a proxy', () => {
  const settings = readSettings(['--config', path.join(directory, 'ops.tutti.yaml'), '--data-dir', '/nonexistent'], {});
  expect(settings).toMatchObject({ behind_tls: true, 'ops.networks': ['none'], 'limits.calls_per_minute': 60 });
  expect(settings.public_url).toMatch(/^https:/);
});

test('every example is told of', () => {
  const told = read('README.md');
  for (const file of files) expect(told).toContain(`(clients/${file})`);
});
