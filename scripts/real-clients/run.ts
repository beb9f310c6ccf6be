// Installs real MCP clients from the npm registry, connects them to a server of its own, and asks each whether it is.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { clients, quiet, type RealClient, type Round, type Way } from './clients.ts';
import { type Place, said } from './processes.ts';

const { values: flags, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { 'install-dir': { type: 'string' } },
});
const folder = mkdtempSync(path.join(tmpdir(), 'tutti-clients-'));
// PostgreSQL of a server that runs as root has a user of its own, who must get through.
chmodSync(folder, 0o711);
const installDir = path.resolve(flags['install-dir'] ?? path.join(folder, 'clients'));
const dataDir = path.join(folder, 'data');
const tutti = path.join(import.meta.dirname, '../../client/bin/tutti.js');
const searched = [path.dirname(process.execPath), process.env.PATH].join(path.delimiter);

const server = spawn(process.execPath, [tutti, 'serve', '--port', '0', '--log-level', 'warn', '--data-dir', dataDir], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: placeOf('server').env,
});
const ended = new Promise((resolve) => server.once('exit', resolve));
try {
  const url = await listening();
  const states: string[] = [];
  for (const client of clients.filter(({ bin }) => wanted.length === 0 || wanted.includes(bin))) {
    states.push(...(await check(client, `${url}/mcp`)));
  }
  const count = (state: string) => states.filter((one) => one === state).length;
  console.log(`\nConnected: ${count('connected')}. Failed: ${count('failed')}. Skipped: ${count('skipped')}.`);
  if (count('failed') > 0 || count('connected') === 0) process.exitCode = 1;
} finally {
  server.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
}

async function check(client: RealClient, url: string): Promise<('connected' | 'failed' | 'skipped')[]> {
  const { title, bin } = client;
  const program = path.join(installDir, bin, 'node_modules', '.bin', bin);
  let version: string;
  try {
    await install(client);
    version = /\d+\.\d+\.\d+\S*/.exec(await said(program, ['--version'], placeOf(bin)))?.[0] ?? '';
  } catch (error) {
    console.log(`- ${title}: skipped, it cannot be installed or started. ${(error as Error).message}`);
    return ['skipped'];
  }
  const states: ('connected' | 'failed')[] = [];
  for (const way of ['http', 'stdio'] as const) {
    const round = roundOf(client, way, program, url);
    const answer = await client
      .write(round)
      .then(() => client.list(round))
      .catch((error: Error) => `It failed: ${error.message}`);
    const connected = client.connected.test(answer);
    const line = client.connected.exec(answer)?.[0] ?? answer.trim();
    console.log(`${connected ? '✓' : '✗'} ${title} (${version}) by ${way}: ${line}`);
    states.push(connected ? 'connected' : 'failed');
  }
  return states;
}

async function install({ bin, package: name }: RealClient): Promise<void> {
  const cwd = path.join(installDir, bin);
  mkdirSync(cwd, { recursive: true });
  writeFileSync(path.join(cwd, 'package.json'), '{ "private": true }\n');
  const place = { ...placeOf('npm'), cwd };
  await said('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `${name}@latest`], {
    ...place,
    env: { ...place.env, ...registry() },
  });
}

/** How npm reaches packages on this machine: all that is passed on of the caller's environment. */
function registry(): Record<string, string> {
  const names = /^(npm_config_registry|npm_config_cafile|node_extra_ca_certs|https?_proxy|no_proxy)$/i;
  const given = Object.entries(process.env).filter(([name]) => names.test(name));
  return Object.fromEntries(given.map(([name, value]) => [name, value ?? '']));
}

/** A home and a project that nobody else has. */
function placeOf(name: string): Place & { home: string } {
  const [home, cwd] = ['home', 'project'].map((part) => path.join(folder, name, part)) as [string, string];
  for (const directory of [home, cwd]) mkdirSync(directory, { recursive: true });
  return { home, cwd, env: { ...quiet, PATH: searched, HOME: home, TUTTI_DATA_DIR: dataDir } };
}

function roundOf({ bin }: RealClient, way: Way, program: string, url: string): Round {
  const place = placeOf(`${bin}-${way}`);
  const run = (...words: readonly string[]) => said(process.execPath, [tutti, ...words], place);
  return {
    program,
    place,
    way,
    url,
    tutti: run,
    token: async () => /tutti_\S+/.exec(await run('token', 'create', bin, '--grant', 'reader'))?.[0] ?? '',
    command: [process.execPath, tutti, 'mcp', '--data-dir', dataDir],
  };
}

async function listening(): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    server.stdout.on('data', (chunk) => {
      output += chunk;
      const [, url] = /MCP +(\S+)\/mcp/.exec(output) ?? [];
      if (url) resolve(url);
    });
    void ended.then((code) => reject(new Error(`tutti serve ended with ${code}`)));
  });
}
