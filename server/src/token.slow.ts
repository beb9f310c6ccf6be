import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { tuttiProcess } from '../../client/test/support.ts';
import { startTestServer, type TestServer } from '../test/support/server.ts';

const command = path.join(import.meta.dirname, '../bin/tutti.js');
let server: TestServer;
let directory = '';
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
afterEach(() => rm(directory, { recursive: true, force: true }));

const tutti = (...args: readonly string[]) => tuttiProcess(['token', ...args], process.execPath, command);
const onServer = (...args: readonly string[]) => tutti(...args, '--database-url', server.database.url);

test('a token is minted, printed alone on stdout, works as granted, and is revoked', async () => {
  const made = await onServer('create', 'ci', '--grant', 'lake:read', '--grant', 'system:read', '--expires', '2h');
  expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^tutti_\S{40,}\n$/) });
  expect(made.notes).toMatch(/^Token tok_\w+ of ci may lake:read, system:read until \d{4}-.*Z\.\n$/);
  const secret = made.out.trim();
  expect((await server.call('list_datasets', {}, secret)).status).toBe(200);
  expect((await server.call('register_dataset', { name: 'x', uri: 'tutti://x' }, secret)).status).toBe(403);

  const listed = JSON.parse((await onServer('list', '--json')).out);
  const own = listed.find((token: { name: string }) => token.name === 'ci');
  expect(own).toMatchObject({ grants: ['lake:read', 'system:read'], only: null, state: 'valid' });
  expect((await onServer('list')).out).toContain(`${own.id}  valid  `);

  expect(await onServer('revoke', own.id)).toMatchObject({ code: 0, out: '' });
  expect((await server.call('list_datasets', {}, secret)).status).toBe(401);
  expect((await onServer('list')).out).toContain(`${own.id}  revoked`);
  expect(await onServer('revoke', own.id)).toMatchObject({
    code: 4,
    notes: expect.stringContaining('tutti token list'),
  });
});

test('--only narrows one token; new grants replace the old ones of all, with a word', async () => {
  const narrow = await onServer('create', 'both', '--grant', 'writer', '--only', 'lake:read');
  expect((await server.call('register_dataset', { name: 'y', uri: 'tutti://y' }, narrow.out.trim())).status).toBe(403);
  const again = await onServer('create', 'both', '--grant', 'reader');
  expect(again.notes).toContain('both had writer; all of its tokens now follow the new grants.');
});

test('--toolset and --read-only stand for scopes: of a new principal, or of this token of one that is known', async () => {
  const fresh = await onServer('create', 'sugar', '--toolset', 'lake', '--read-only');
  expect(fresh.notes).toContain('of sugar may system:read, lake:read until');
  expect((await server.call('list_datasets', {}, fresh.out.trim())).status).toBe(200);
  expect((await server.call('register_dataset', { name: 'z', uri: 'tutti://z' }, fresh.out.trim())).status).toBe(403);
  const known = await onServer('create', 'admin', '--toolset', 'ops', '--toolset', 'lake');
  expect(known.notes).toMatch(
    /^Token \w+ of admin may system:read, system:write, lake:read, lake:write, ops:read, ops:write /,
  );
  expect((await server.call('register_dataset', { name: 'z', uri: 'tutti://z' }, known.out.trim())).status).toBe(200);
  const narrowed = await onServer('create', 'both-words', '--grant', 'writer', '--read-only');
  expect((await server.call('register_dataset', { name: 'q', uri: 'tutti://q' }, narrowed.out.trim())).status).toBe(
    403,
  );
  const listed = JSON.parse((await onServer('list', '--json')).out);
  const of = (name: string) => listed.filter((token: { name: string }) => token.name === name).at(-1);
  expect(of('sugar')).toMatchObject({ grants: ['system:read', 'lake:read'], only: null });
  expect(of('admin').grants).toEqual(['admin']);
  expect(of('both-words').grants).toEqual(['writer']);
});

const refused: readonly [readonly string[], RegExp][] = [
  [['create', 'x', '--toolset', 'kitchen'], /no toolset kitchen/],
  [['create', 'x', '--toolset', 'lake', '--only', 'lake:read'], /--only says the scopes/],
  [['create', 'oidc:https://issuer.example#anna', '--grant', 'admin'], /belong to the principals of an issuer/],
  [['create', 'x'], /needs --grant/],
  [['create', 'x', '--grant', 'emperor'], /Unknown grant: emperor/],
  [['create', 'x', '--grant', 'reader', '--expires', 'soon'], /no time to come/],
  [['create', 'x', '--grant', 'reader', '--expires', '2001-01-01'], /no time to come/],
  [['create', 'admin', '--grant', 'reader'], /keeps the grant admin/],
  [['create', 'cli', '--grant', 'reader'], /name cli is kept/],
  [['create', '', '--grant', 'reader'], /A name has 1 to 100 characters/],
  [['create', ' x', '--grant', 'reader'], /A name has 1 to 100 characters/],
  [['create', 'x\u001b[31m', '--grant', 'reader'], /A name has 1 to 100 characters/],
  [['create', 'x'.repeat(101), '--grant', 'reader'], /A name has 1 to 100 characters/],
  [['create', 'stdio', '--grant', 'reader'], /name stdio is kept/],
  [['create', 'x', '--color', 'red'], /--color/],
  [['create'], /^tutti token: /],
  [['melt', 'x'], /^tutti token: /],
  [['list', 'x'], /^tutti token: /],
];

test('what makes no sense is refused and mints nothing', async () => {
  const before = (await onServer('list', '--json')).out;
  const all = await Promise.all(refused.map(([args]) => onServer(...args)));
  for (const [index, [args, sentence]] of refused.entries()) {
    expect(all[index], args.join(' ')).toMatchObject({ code: 2, out: '', notes: expect.stringMatching(sentence) });
  }
  expect((await onServer('list', '--json')).out).toBe(before);
});

test('what changes is in the audit trail, in its transaction; what is refused is not', async () => {
  const made = await onServer(
    'create',
    'traced',
    '--grant',
    'writer',
    '--only',
    'lake:read',
    '--expires',
    '2030-01-31',
  );
  const id = /tok_\w+/.exec(made.notes)?.[0] ?? '';
  await onServer('create', 'traced', '--grant', 'reader');
  await onServer('revoke', id);
  await onServer('revoke', id);
  await onServer('create', 'traced', '--grant', 'emperor');
  const { body } = await server.call('list_audit_entries', { principal: 'cli', page_size: 3 });
  const operator = { os_user: userInfo().username, os_uid: process.getuid?.() };
  expect(body.items).toMatchObject([
    { tool: 'tutti token revoke', effect: 'destroy', subject: id, detail: operator },
    {
      tool: 'tutti token create',
      effect: 'write',
      subject: expect.stringMatching(/^tok_/),
      detail: { principal: 'traced', grants: ['reader'], before: ['writer'], ...operator },
    },
    {
      tool: 'tutti token create',
      outcome: 'ok',
      principal_id: null,
      subject: id,
      detail: { grants: ['writer'], only: ['lake:read'], expires_at: '2030-01-31T00:00:00.000Z' },
    },
  ]);
  expect(JSON.stringify(body)).not.toContain(made.out.trim());
  // The sealer looks soon after what the server notes itself, else four times a minute.
  await server.call('register_dataset', { name: 'wake', uri: 'tutti://wake' });
  await vi.waitFor(
    async () => {
      const { body: sealed } = await server.call('list_audit_entries', { subject: id });
      expect(sealed.items.map((item: { seq: number | null }) => typeof item.seq)).toEqual(['number', 'number']);
    },
    { timeout: 30_000, interval: 100 },
  );
  const flags = ['--database-url', server.database.url, '--data-dir', server.dataDir];
  const listed = await tuttiProcess(['audit', 'list', '--principal', 'cli', ...flags], process.execPath, command);
  expect(listed.out).toMatch(new RegExp(`ok +cli  tutti token revoke  ${id}\n`));
  const whole = await tuttiProcess(['audit', 'verify', ...flags], process.execPath, command);
  expect(whole).toMatchObject({ code: 0, out: expect.stringContaining('The chain is whole') });
});

test('without a server it starts the PostgreSQL of the data directory, and stops it again', async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'tutti-token-'));
  await chmod(directory, 0o711);
  const made = await tutti('create', 'early', '--grant', 'reader', '--data-dir', directory);
  expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^tutti_\S+\n$/) });
  expect(existsSync(path.join(directory, 'postgres/data/postmaster.pid'))).toBe(false);
  expect((await tutti('list', '--data-dir', directory)).out).toContain('early: reader');
});

test('beside a running server it leaves PostgreSQL alone, and the server knows the token at once', async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'tutti-token-'));
  await chmod(directory, 0o711);
  const child = spawn(process.execPath, [command, 'serve', '--port', '0', '--data-dir', directory], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
  });
  try {
    const welcome = await new Promise<string>((resolve) =>
      child.stdout.once('data', (chunk) => resolve(String(chunk))),
    );
    const url = /MCP +(\S+)\/mcp/.exec(welcome)?.[1];
    const { out } = await tutti('create', 'late', '--grant', 'reader', '--data-dir', directory);
    const headers = { authorization: `Bearer ${out.trim()}` };
    const answer = await fetch(`${url}/tools/list_capabilities`, { method: 'POST', headers, body: '{}' });
    expect(answer.status).toBe(200);
    expect(existsSync(path.join(directory, 'postgres/data/postmaster.pid'))).toBe(true);
  } finally {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  }
});
