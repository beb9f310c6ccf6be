import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../server/test/support/server.ts';
import { type ConnectFlags, connect } from './connect.ts';
import type { Places } from './connect-clients.ts';

let server: TestServer;
const tuttiCommand = path.join(import.meta.dirname, '../bin/tutti.js');
const base = mkdtempSync(path.join(tmpdir(), 'tutti-connect-'));
let places: Places;
beforeAll(async () => {
  server = await startTestServer();
  writeFileSync(path.join(server.dataDir, 'tutti.yaml'), `database_url: ${JSON.stringify(server.database.url)}\n`);
});
beforeEach(() => {
  const root = mkdtempSync(path.join(base, 'home-'));
  places = {
    home: path.join(root, 'home'),
    project: path.join(root, 'project'),
    platform: 'linux',
    codexHome: undefined,
    searchPath: [],
    appData: undefined,
  };
});
afterAll(async () => {
  await server.stop();
  rmSync(base, { recursive: true });
});

async function run(client: string, flags: ConnectFlags = {}) {
  const said = { out: '', notes: '' };
  const terminal = {
    out: (text: string) => {
      said.out += text;
    },
    note: (text: string) => {
      said.notes += text;
    },
    readInput: async () => '',
  };
  const environment = { url: undefined, token: undefined, dataDir: server.dataDir };
  return { code: await connect(client, flags, environment, places, terminal), ...said };
}

function write(name: string, text: string, root = places.home): string {
  const file = path.join(root, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}
const read = (name: string, root = places.home) => readFileSync(path.join(root, name), 'utf8');
const modeOf = (file: string) => statSync(file).mode & 0o777;
const status = (token: string, tool: string, input = {}) =>
  server.call(tool, input, token).then((answer) => answer.status);

test('first it only shows what it would do', async () => {
  const file = write('.claude.json', '{"numStartups": 3}\n');
  const shown = await run('claude-code');
  expect(shown).toMatchObject({ code: 0, notes: '' });
  expect(shown.out).toContain(file);
  expect(shown.out).toContain('principal claude-code, grants reader, expires 90d');
  expect(shown.out).toMatch(/^\+ +"url": "http/m);
  expect(shown.out).not.toMatch(/tutti_\w/);
  expect(read('.claude.json')).toBe('{"numStartups": 3}\n');
  expect(readdirSync(places.home)).toEqual(['.claude.json']);
  expect((await run('codex')).code).toBe(0);
  expect(readdirSync(places.home)).toEqual(['.claude.json']);
});

test('with --apply it writes a narrow token that works, keeps a copy, and a second run changes nothing', async () => {
  const before = '{\n    "projects": {"/x": {}},\n    "mcpServers": { "mine": {"command": "run"} }\n}\n';
  const file = write('.claude.json', before);
  const { out, notes } = await run('claude-code', { apply: true });
  expect(out + notes).not.toMatch(/tutti_[\w-]{20}/);
  const { mcpServers, projects } = JSON.parse(read('.claude.json'));
  expect(projects).toEqual({ '/x': {} });
  expect(mcpServers.mine).toEqual({ command: 'run' });
  expect(mcpServers.tutti).toMatchObject({ type: 'http', url: `${server.url}/mcp` });
  const token = mcpServers.tutti.headers.Authorization.replace('Bearer ', '');
  expect(await status(token, 'list_datasets')).toBe(200);
  expect(await status(token, 'register_dataset', { name: 'x', uri: 'tutti://x' })).toBe(403);
  expect(modeOf(file)).toBe(0o600);
  expect(read('.claude.json.before-tutti')).toBe(before);

  const written = read('.claude.json');
  expect((await run('claude-code', { apply: true })).out).toContain('is connected already');
  expect(read('.claude.json')).toBe(written);

  expect((await run('claude-code', { apply: true, grant: ['writer'] })).code).toBe(0);
  const again = JSON.parse(read('.claude.json')).mcpServers;
  expect(Object.keys(again)).toEqual(['mine', 'tutti']);
  const wider = again.tutti.headers.Authorization.replace('Bearer ', '');
  expect(await status(wider, 'register_dataset', { name: 'x', uri: 'tutti://x' })).toBe(200);
});

test('each client gets its own form, in files that are made when missing', async () => {
  const apply = { apply: true, token: 'tutti_given' };
  for (const client of ['codex', 'vscode', 'cursor']) expect((await run(client, apply)).code, client).toBe(0);
  const url = `${server.url}/mcp`;
  const headers = { Authorization: 'Bearer tutti_given' };
  expect(read('.codex/config.toml')).toBe(
    `[mcp_servers.tutti]\nurl = "${url}"\nhttp_headers = { Authorization = "Bearer tutti_given" }\n`,
  );
  expect(JSON.parse(read('.config/Code/User/mcp.json'))).toEqual({
    servers: { tutti: { type: 'http', url, headers } },
  });
  expect(JSON.parse(read('.cursor/mcp.json'))).toEqual({ mcpServers: { tutti: { url, headers } } });
  for (const file of ['.codex/config.toml', '.cursor/mcp.json']) {
    expect(modeOf(path.join(places.home, file))).toBe(0o600);
  }
});

test('--project writes into the project and warns of the token; --stdio keeps none', async () => {
  const given = await run('vscode', { project: true, apply: true, token: 'tutti_given' });
  expect(given.notes).toContain('out of version control');
  write('.cursor/mcp.json', '{ /* mine */ }', places.project);
  expect(await run('cursor', { project: true, apply: true, stdio: true })).toMatchObject({ code: 0, notes: '' });
  const text = read('.cursor/mcp.json', places.project);
  expect(text).toContain('/* mine */');
  expect(JSON.parse(text.replace('/* mine */', ''))).toEqual({
    mcpServers: {
      tutti: { command: process.execPath, args: [tuttiCommand, 'mcp', '--data-dir', server.dataDir] },
    },
  });
  expect(modeOf(path.join(places.project, '.cursor/mcp.json'))).toBe(0o644);
  expect((await run('codex', { project: true, apply: true, stdio: true })).code).toBe(0);
  expect(read('.codex/config.toml', places.project)).toContain('"mcp", "--data-dir"');
});

test('--stdio names the command where it is installed; what npm adds for its scripts does not count', async () => {
  const commandOf = async (...searchPath: readonly string[]) => {
    places = { ...places, searchPath };
    await run('cursor', { apply: true, stdio: true });
    return JSON.parse(read('.cursor/mcp.json')).mcpServers.tutti.command;
  };
  const [bin, npm] = ['bin', 'node_modules/.bin'].map((name) => path.dirname(write(`${name}/tutti`, '')));
  expect(await commandOf('/nonexistent', npm as string)).toBe(process.execPath);
  expect(await commandOf(npm as string, bin as string)).toBe('tutti');
});

test('a link is followed, not replaced', async () => {
  const real = write('dotfiles/mcp.json', '{}');
  mkdirSync(path.join(places.home, '.cursor'));
  symlinkSync(real, path.join(places.home, '.cursor/mcp.json'));
  await run('cursor', { apply: true, token: 'tutti_given' });
  expect(readFileSync(real, 'utf8')).toContain('tutti_given');
});

test('what makes no sense is refused, and nothing is written or minted', async () => {
  await expect(run('emacs')).rejects.toThrow('does not know');
  await expect(run('codex', { user: true, project: true })).rejects.toThrow('not both');
  await expect(run('codex', { apply: true, grant: ['emperor'] })).rejects.toThrow(/Unknown grant: emperor/);
  await expect(run('codex', { url: 'http://127.0.0.1:1', apply: true })).rejects.toThrow('only where its data is');
  write('.cursor/mcp.json', '{"mcpServers": ');
  await expect(run('cursor', { apply: true })).rejects.toThrow('no JSON object');
  expect(read('.cursor/mcp.json')).toBe('{"mcpServers": ');
  expect(readdirSync(places.home)).toEqual(['.cursor']);
});
