import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../test/support/database.ts';
import { listEntries } from './core/audit/store.ts';
import { secret } from './secret.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
afterEach(() => vi.restoreAllMocks());

async function tutti(...args: string[]): Promise<{ code: number; out: string; notes: string }> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const notes = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const code = await secret([...args, '--database-url', database.url]);
  const said = { code, out: out.mock.calls.join(''), notes: notes.mock.calls.join('') };
  vi.restoreAllMocks();
  return said;
}

test('a secret is named, granted, listed and taken away', async () => {
  expect(await tutti('set', 'key', '--env', 'SOME_KEY')).toMatchObject({ code: 0, out: '' });
  expect((await tutti('list')).out).toBe('key  env:SOME_KEY  granted to nobody\n');
  await tutti('set', 'key', '--file', '/etc/key');
  expect((await tutti('grant', 'key', '--toolset', 'lake')).code).toBe(0);
  expect((await tutti('grant', 'key', '--toolset', 'lake')).code).toBe(0);
  expect((await tutti('grant', 'key', '--toolset', 'ops', '--host', 'API.example.com')).code).toBe(0);
  expect((await tutti('list')).out).toBe('key  file:/etc/key  by lake; by ops towards api.example.com\n');
  expect(JSON.parse((await tutti('list', '--json')).out)).toEqual([
    {
      name: 'key',
      reference: 'file:/etc/key',
      grants: [{ toolset: 'lake' }, { toolset: 'ops', host: 'api.example.com' }],
    },
  ]);
  expect((await tutti('revoke', 'key', '--toolset', 'ops')).code).toBe(4);
  expect((await tutti('revoke', 'key', '--toolset', 'lake')).code).toBe(0);
  expect((await tutti('list')).out).toBe('key  file:/etc/key  by ops towards api.example.com\n');
  await tutti('grant', 'key', '--server', 'mail');
  expect((await tutti('list')).out).toContain('for the server mail; by ops towards');
  expect((await tutti('revoke', 'key', '--server', 'mail')).code).toBe(0);
  expect((await tutti('revoke', 'key')).code).toBe(0);
  expect((await tutti('revoke', 'key')).code).toBe(4);
  expect(await tutti('list')).toEqual({ code: 0, out: '', notes: expect.stringContaining('none yet') });
});

test('what changes is in the audit trail; what is refused is not', async () => {
  await tutti('set', 'traced', '--env', 'TRACED_KEY');
  await tutti('grant', 'traced', '--toolset', 'lake', '--host', 'api.example.com');
  await tutti('grant', 'absent', '--toolset', 'lake');
  await tutti('revoke', 'traced', '--toolset', 'ops');
  await tutti('revoke', 'traced');
  const entries = (await listEntries(database.db, { principal: 'cli', limit: 3 })).reverse();
  const common = { secret: 'traced', os_uid: process.getuid?.() };
  expect(entries).toMatchObject([
    { tool: 'tutti secret set', effect: 'write', detail: { ...common, reference: 'env:TRACED_KEY' } },
    { tool: 'tutti secret grant', effect: 'write', detail: { ...common, toolset: 'lake', host: 'api.example.com' } },
    { tool: 'tutti secret revoke', effect: 'destroy', detail: common },
  ]);
});

const refused: readonly [readonly string[], RegExp][] = [
  [['set', 'key', 'hunter2-value'], /seen by others.*--env VARIABLE/],
  [['set', 'key'], /--env VARIABLE or --file PATH/],
  [['set', 'key', '--env', 'A', '--file', 'b'], /--env VARIABLE or --file PATH/],
  [['set', 'key', '--env', 'hunter2-value'], /name of a variable/],
  [['set', 'key', '--env', 'op://vault/item/field'], /never reads 1Password.*op run/],
  [['set', 'key', '--file', 'op://vault/item/field'], /never reads 1Password.*op run/],
  [['set', 'Key!', '--env', 'A'], /lower-case/],
  [['grant', 'key'], /--toolset, --host or --server/],
  [['grant', 'key', '--server', 'a b'], /no name of a server/],
  [['grant', 'key', '--toolset', 'kitchen'], /no toolset kitchen/],
  [['grant', 'key', '--host', 'a b'], /no host/],
  [['set', 'key', '--value', 'hunter2-value'], /--value/],
  [['set'], /^tutti secret: /],
  [['list', 'key'], /^tutti secret: /],
  [['constructor', 'key'], /^tutti secret: /],
];

test.each(refused)('%j is refused', async (args, sentence) => {
  const { code, out, notes } = await tutti(...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(notes).toMatch(sentence);
  expect(notes).not.toContain('hunter2-value');
  expect((await tutti('list')).out).toBe('');
});

test('a grant of what was never named is refused', async () => {
  expect(await tutti('grant', 'absent', '--toolset', 'lake')).toMatchObject({
    code: 4,
    notes: expect.stringContaining('tutti secret list'),
  });
});
