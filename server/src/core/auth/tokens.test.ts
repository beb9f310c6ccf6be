import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { adminToken } from './admin-token.ts';
import { listTokens, revokeToken } from './store.ts';
import { authenticate, createToken, loadPrincipal } from './tokens.ts';

let database: TestDatabase;
const directory = mkdtempSync(path.join(tmpdir(), 'tutti-tokens-'));
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

const later = () => new Date(Date.now() + 60_000);
const mint = (name: string, grants: string[], more: { only?: string[]; expiresAt?: Date } = {}) =>
  createToken(database.db, { name, grants, expiresAt: later(), ...more });
const whoIs = (secret: string | undefined) => authenticate(database.db, secret);
const refused = expect.objectContaining({ code: 'UNAUTHENTICATED' });

describe('a token', () => {
  test('is its principal, with the scopes of its grants', async () => {
    const { secret } = await mint('anna', ['lake:read', 'ops:write']);
    const anna = await whoIs(secret);
    expect(anna).toMatchObject({ name: 'anna', admin: false });
    expect([...anna.scopes].sort()).toEqual(['lake:read', 'ops:write']);
    expect((await whoIs((await mint('anna', ['reader'])).secret)).id).toBe(anna.id);
  });

  test('takes the grants that its principal has now', async () => {
    const { secret } = await mint('berta', ['admin']);
    expect((await whoIs(secret)).admin).toBe(true);
    await mint('berta', ['lake:read']);
    expect(await whoIs(secret)).toMatchObject({ admin: false, scopes: new Set(['lake:read']) });
  });

  test('may be narrower than its principal, never wider, and is no administrator then', async () => {
    const { secret } = await mint('carl', ['admin'], { only: ['lake:read', 'config:approve'] });
    expect(await whoIs(secret)).toMatchObject({ admin: false, scopes: new Set(['lake:read']) });
    await mint('carl', ['ops:read']);
    expect((await whoIs(secret)).scopes).toEqual(new Set());
  });

  test('that is missing, unknown, expired or revoked is refused with the same words', async () => {
    const { id, secret } = await mint('dora', ['reader']);
    expect(await revokeToken(database.db, id)).toBe(true);
    const expired = await mint('dora', ['reader'], { expiresAt: new Date(Date.now() - 1) });
    const messages = new Set<string>();
    for (const bad of [undefined, '', 'tutti_', `${expired.secret} `, expired.secret, secret]) {
      const error = await whoIs(bad).catch((thrown) => thrown);
      expect(error).toEqual(refused);
      messages.add(`${error.message} ${error.suggestion} ${JSON.stringify(error.details)}`);
    }
    expect(messages.size).toBe(1);
  });

  test('is kept as a hash', async () => {
    const { secret } = await mint('emil', ['reader']);
    expect(secret).toMatch(/^tutti_[\w-]{43}$/);
    expect(JSON.stringify(await listTokens(database.db))).not.toContain(secret.slice(6));
  });

  test('with a grant that is none is not made, and neither is its principal', async () => {
    const before = (await listTokens(database.db)).length;
    for (const request of [{ grants: ['root'] }, { grants: ['reader'], only: ['lake:all'] }]) {
      const made = createToken(database.db, { name: 'nobody', expiresAt: later(), ...request });
      await expect(made).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    }
    expect(await listTokens(database.db)).toHaveLength(before);
  });
});

test('a principal that is gone is none', async () => {
  expect(await loadPrincipal(database.db, 'prn_none', null)).toBeUndefined();
});

describe('the token of the administrator', () => {
  const kept = () => readFileSync(path.join(directory, 'admin.token'), 'utf8').trim();

  test('is made once, for its owner only', async () => {
    const file = await adminToken(database.db, directory);
    const first = kept();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await adminToken(database.db, directory)).toBe(file);
    expect(kept()).toBe(first);
    expect(await whoIs(first)).toMatchObject({ name: 'admin', admin: true });
  });

  test('is made again when the one in the file holds no longer', async () => {
    writeFileSync(path.join(directory, 'admin.token'), 'tutti_lost\n');
    await adminToken(database.db, directory);
    expect((await whoIs(kept())).admin).toBe(true);
  });
});
