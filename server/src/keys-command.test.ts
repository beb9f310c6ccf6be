import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { createTestDatabase } from '../test/support/database.ts';
import { openHeadKey } from './core/audit/head-key.ts';
import { listEntries } from './core/audit/store.ts';
import { keyPurposes, openKeys } from './core/keys.ts';
import { keys } from './keys-command.ts';

const root = mkdtempSync(path.join(tmpdir(), 'tutti-keys-command-'));
let directories = 0;
afterAll(() => rmSync(root, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

/** A data directory of its own, and `tutti keys` on it. */
function fresh() {
  directories += 1;
  const dataDir = path.join(root, String(directories));
  const keyDir = path.join(dataDir, 'keys');
  const tutti = async (...args: string[]) => {
    const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const notes = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const code = await keys([...args, '--data-dir', dataDir]);
    const said = { code, out: out.mock.calls.join(''), notes: notes.mock.calls.join('') };
    vi.restoreAllMocks();
    return said;
  };
  return { dataDir, keyDir, tutti };
}

describe.each(keyPurposes)('the keys for %s', (purpose) => {
  test('are rotated: the new one signs, the old ones verify until they are dropped', async () => {
    const { keyDir, tutti } = fresh();
    const old = openKeys(keyDir).sign(purpose, 'text');
    expect(await tutti('rotate', purpose)).toMatchObject({ code: 0, notes: expect.stringContaining('k2') });
    const second = openKeys(keyDir).sign(purpose, 'text');
    expect([old, second].map((signature) => signature.split('.')[0])).toEqual(['k1', 'k2']);
    for (const signature of [old, second]) expect(openKeys(keyDir).verify(purpose, 'text', signature)).toBe(true);
    expect((await tutti('drop-old', purpose)).code).toBe(0);
    expect(openKeys(keyDir).verify(purpose, 'text', old)).toBe(false);
    expect(openKeys(keyDir).verify(purpose, 'text', second)).toBe(true);
    await tutti('rotate', purpose, '--drop-old');
    expect(openKeys(keyDir).verify(purpose, 'text', second)).toBe(false);
    expect(openKeys(keyDir).sign(purpose, 'text')).toMatch(/^k3\./);
    expect(statSync(path.join(keyDir, `${purpose}.json`)).mode & 0o777).toBe(0o600);
    expect(readdirSync(keyDir).sort()).toEqual(keyPurposes.map((made) => `${made}.json`).sort());
  });
});

test('the key of the audit log is rotated too; dropped ones keep the half that verifies', async () => {
  const { keyDir, tutti } = fresh();
  const head = { seq: 1, hash: 'x', count: 1, time: 'now' };
  const running = openHeadKey(keyDir);
  const old = running.signHead(head);
  await tutti('rotate', 'audit-head', '--drop-old');
  const next = openHeadKey(keyDir).signHead(head);
  expect(next.key_id).not.toBe(old.key_id);
  // A running sealer signs its next head with the new key.
  const sealed = running.signHead(head);
  expect(sealed.key_id).toBe(next.key_id);
  for (const one of [old, sealed]) expect(running.verifyHead(one)).toBe(true);
  expect(openHeadKey(keyDir).verifyHead(old)).toBe(true);
  const file = JSON.parse(readFileSync(path.join(keyDir, 'audit-head.json'), 'utf8'));
  expect(file.keys[old.key_id]).toContain('PUBLIC KEY');
  expect(file.keys[file.current]).toContain('PRIVATE KEY');
});

test('the next key of configurations is prepared, and the rotation takes it', async () => {
  const { keyDir, tutti } = fresh();
  const purpose = 'config-release';
  const file = () => JSON.parse(readFileSync(path.join(keyDir, `${purpose}.json`), 'utf8'));
  expect(await tutti('prepare', purpose)).toMatchObject({
    code: 2,
    notes: expect.stringContaining('made at first use'),
  });
  await tutti('make');
  const { current: old } = file();
  expect((await tutti('prepare', purpose)).code).toBe(0);
  const { current, next } = file();
  expect([current, next === old, (await tutti('list')).out.includes(`next with ${next}`)]).toEqual([old, false, true]);
  expect(await tutti('prepare', purpose)).toMatchObject({
    code: 2,
    notes: expect.stringContaining('prepared already'),
  });
  expect((await tutti('rotate', purpose)).code).toBe(0);
  expect(file()).toMatchObject({ current: next, keys: { [old]: expect.stringContaining('PUBLIC KEY') } });
  expect(file().next).toBeUndefined();
  await tutti('prepare', purpose);
  const leaked = file().next;
  await tutti('rotate', purpose, '--drop-old');
  expect(Object.keys(file().keys)).toEqual([file().current]);
  expect(file().current).not.toBe(leaked);
  for (const drop of [
    ['rotate', purpose, '--drop-old'],
    ['drop-old', purpose],
  ]) {
    const refused = await tutti(...drop, '--keys-dir', keyDir);
    expect(refused, 'nobody sees what is current').toMatchObject({
      code: 2,
      notes: expect.stringContaining('--database-url'),
    });
  }
  expect(await tutti('prepare', 'webhook')).toMatchObject({ code: 2, notes: expect.stringContaining('to nobody') });
});

test('a list tells ids, never keys, and makes none', async () => {
  const { keyDir, tutti } = fresh();
  expect((await tutti('list')).out).toContain('cursor: made at first use\n');
  openKeys(keyDir).sign('cursor', 'text');
  await tutti('rotate', 'cursor');
  const text = await tutti('list');
  expect(text.out).toContain('cursor: signs with k2, still verifies k1\n');
  const json = await tutti('list', '--json');
  expect(JSON.parse(json.out)).toContainEqual({ purpose: 'cursor', current: 'k2', keys: ['k1', 'k2'] });
  const { keys: kept } = JSON.parse(readFileSync(path.join(keyDir, 'cursor.json'), 'utf8'));
  for (const key of Object.values(kept))
    for (const { out, notes } of [text, json]) expect(out + notes).not.toContain(key);
  expect(readdirSync(keyDir)).not.toContain('audit-head.json');
});

test('a change is in the audit trail of the database that there is, and none is made for it', async () => {
  const database = await createTestDatabase();
  const { dataDir, tutti } = fresh();
  const onDatabase = (...args: string[]) => tutti(...args, '--database-url', database.url);
  try {
    await onDatabase('rotate', 'cursor');
    expect(await onDatabase('rotate', 'cursor', '--drop-old')).toMatchObject({ code: 0 });
    await onDatabase('drop-old', 'cursor');
    await onDatabase('drop-old', 'presign');
    await onDatabase('list');
    const entries = await listEntries(database.db, { limit: 10 });
    const cli = { principal_name: 'cli', outcome: 'ok' };
    expect(entries.reverse()).toMatchObject([
      { ...cli, tool: 'tutti keys rotate', detail: { purpose: 'cursor', key: 'k1', drop_old: false } },
      { ...cli, tool: 'tutti keys rotate', detail: { purpose: 'cursor', key: 'k2', drop_old: true } },
      { ...cli, tool: 'tutti keys drop-old', effect: 'destroy', detail: { purpose: 'cursor', key: 'k2' } },
    ]);
    const { keys: kept } = JSON.parse(readFileSync(path.join(dataDir, 'keys/cursor.json'), 'utf8'));
    for (const key of Object.values(kept)) expect(JSON.stringify(entries)).not.toContain(key);
  } finally {
    await database.close();
  }
  const alone = fresh();
  await alone.tutti('rotate', 'cursor');
  expect(readdirSync(alone.dataDir)).toEqual(['keys']);
});

test('where the trail cannot be written, no key changes', async () => {
  const { keyDir, tutti } = fresh();
  await tutti('rotate', 'cursor');
  const before = readFileSync(path.join(keyDir, 'cursor.json'), 'utf8');
  const away = 'postgresql://nobody:none@127.0.0.1:9/none';
  expect((await tutti('rotate', 'cursor', '--database-url', away)).code).not.toBe(0);
  expect(readFileSync(path.join(keyDir, 'cursor.json'), 'utf8')).toBe(before);
});

test.each([
  [['rotate', 'kitchen'], /no keys for kitchen/],
  [['rotate', '../cursor'], /no keys for/],
  [['drop-old', 'cursor'], /no keys for cursor yet/],
  [['rotate'], /^tutti keys: /],
  [['list', 'cursor'], /^tutti keys: /],
  [['melt', 'cursor'], /^tutti keys: /],
  [['rotate', 'cursor', '--colour'], /--colour/],
])('%j is refused', async (args, sentence) => {
  expect(await fresh().tutti(...args)).toMatchObject({ code: 2, notes: expect.stringMatching(sentence) });
});

describe('a running server', () => {
  const patient = { timeout: 10_000, interval: 50 };

  test('takes a new key up within a second, and a dropped one away', async () => {
    const { keyDir, tutti } = fresh();
    const running = openKeys(keyDir);
    const old = running.sign('presign', 'text');
    await tutti('rotate', 'presign');
    // A key that it has not seen counts at once: another process may sign with it already.
    expect(running.verify('presign', 'text', openKeys(keyDir).sign('presign', 'text'))).toBe(true);
    await vi.waitFor(() => expect(running.sign('presign', 'text')).toMatch(/^k2\./), patient);
    expect(running.verify('presign', 'text', old)).toBe(true);
    await tutti('drop-old', 'presign');
    await vi.waitFor(() => expect(running.verify('presign', 'text', old)).toBe(false), patient);
  });

  test('keeps the keys that it has while the file is broken or away', async () => {
    const { keyDir } = fresh();
    const file = path.join(keyDir, 'presign.json');
    const running = openKeys(keyDir);
    const old = running.sign('presign', 'text');
    for (const change of [() => writeFileSync(file, '{"current":"k9","keys":{}}'), () => rmSync(file)]) {
      change();
      await new Promise((resolve) => setTimeout(resolve, 1100));
      expect(running.verify('presign', 'text', old)).toBe(true);
      expect(running.sign('presign', 'text')).toBe(old);
    }
  });
});
