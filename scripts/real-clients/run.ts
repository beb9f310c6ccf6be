// Installs real MCP clients from the npm registry, connects them to a server of its own, and asks each whether it is.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { clients, quiet, type RealClient, type Round, type Way } from './clients.ts';
import { install } from './install.ts';
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
  let installed: { program: string; version: string };
  try {
    installed = await install(client, installDir, placeOf(bin));
  } catch (error) {
    console.log(`- ${title}: skipped, it cannot be installed or started. ${(error as Error).message}`);
    return ['skipped'];
  }
  const { program, version } = installed;
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
