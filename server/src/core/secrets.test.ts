import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts';
import * as store from './auth/secrets/store.ts';
import { AppError, envelope, untrusted } from './errors.ts';
import { createLog } from './log.ts';
import { createSecrets, type Secrets, secretName } from './secrets.ts';

const value = 'correct-horse-battery-staple';
const directory = mkdtempSync(path.join(tmpdir(), 'tutti-secrets-'));
let database: TestDatabase;
let secrets: Secrets;
beforeAll(async () => {
  database = await createTestDatabase();
  secrets = createSecrets(database.db);
  vi.stubEnv('SECRETS_TEST_VALUE', value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

const granted = async (name: string, reference: string, ...grants: store.SecretGrant[]) => {
  await store.putSecret(database.db, name, reference);
  for (const grant of grants) await store.grantSecret(database.db, name, grant);
};
const refused = expect.objectContaining({
  code: 'SECRET_NOT_GRANTED',
  suggestion: expect.stringContaining('tutti secret grant'),
});

describe('a secret', () => {
  test('is read where the operator said, at each use anew', async () => {
    const file = path.join(directory, 'value');
    writeFileSync(file, `${value}\n`);
    await granted('from-file', `file:${file}`, { toolset: 'lake' });
    await granted('from-env', 'env:SECRETS_TEST_VALUE', { toolset: 'lake' });
    expect(await secrets.resolveSecret('from-file', { toolset: 'lake' })).toBe(value);
    expect(await secrets.resolveSecret('from-env', { toolset: 'lake' })).toBe(value);
    writeFileSync(file, 'another-value');
    expect(await secrets.resolveSecret('from-file', { toolset: 'lake' })).toBe('another-value');
  });

  test('is given for what it is granted for, and for nothing else', async () => {
    await granted('by-toolset', 'env:SECRETS_TEST_VALUE', { toolset: 'ops' });
    await granted('by-host', 'env:SECRETS_TEST_VALUE', { host: 'api.example.com' });
    await granted('by-both', 'env:SECRETS_TEST_VALUE', { toolset: 'ops', host: 'api.example.com' });
    await granted('by-server', 'env:SECRETS_TEST_VALUE', { server: 'mail' });
    await granted('by-none', 'env:SECRETS_TEST_VALUE');
    const uses = [
      { toolset: 'ops' },
      { toolset: 'ops', host: 'API.example.com' },
      { toolset: 'ops', host: 'evil.example' },
      { toolset: 'lake' },
      { toolset: 'lake', host: 'api.example.com' },
      { toolset: 'lake', host: 'x.api.example.com' },
      { toolset: 'workflows', server: 'mail' },
      { toolset: 'workflows', server: 'crm' },
    ];
    const outcomes = async (name: string) =>
      Promise.all(
        uses.map((use) =>
          secrets.resolveSecret(name, use).then(
            () => true,
            () => false,
          ),
        ),
      );
    expect(await outcomes('by-toolset')).toEqual([true, true, true, false, false, false, false, false]);
    expect(await outcomes('by-host')).toEqual([false, true, false, false, true, false, false, false]);
    expect(await outcomes('by-both')).toEqual([false, true, false, false, false, false, false, false]);
    expect(await outcomes('by-server')).toEqual([false, false, false, false, false, false, true, false]);
    expect(await outcomes('by-none')).toEqual(uses.map(() => false));
  });

  test('that is not granted reads like one that does not exist', async () => {
    const tell = (name: string) => secrets.resolveSecret(name, { toolset: 'config' }).catch((thrown) => thrown);
    await granted('hidden', 'env:SECRETS_TEST_VALUE', { toolset: 'ops' });
    const [there, missing] = [await tell('hidden'), await tell('absent')];
    expect(there).toEqual(refused);
    expect(JSON.stringify(envelope(there)).replace('hidden', '')).toBe(
      JSON.stringify(envelope(missing)).replace('absent', ''),
    );
  });

  test('whose grant or name was taken away is refused at the next use', async () => {
    await granted('taken', 'env:SECRETS_TEST_VALUE', { toolset: 'lake' });
    const use = () => secrets.resolveSecret('taken', { toolset: 'lake' });
    await use();
    expect(await store.revokeSecret(database.db, 'taken', { toolset: 'ops' })).toBe(false);
    expect(await store.revokeSecret(database.db, 'taken', { toolset: 'lake' })).toBe(true);
    await expect(use()).rejects.toEqual(refused);
    expect(await store.deleteSecret(database.db, 'taken')).toBe(true);
    await expect(use()).rejects.toEqual(refused);
  });

  test.each([
    ['a variable that is not there', 'env:SECRETS_TEST_ABSENT'],
    ['a file that is not there', `file:${directory}/absent`],
    ['a directory', `file:${directory}`],
    ['a reference of another kind', 'op://vault/item/field'],
  ])('that is %s is unusable, without a word of where', async (_what, reference) => {
    await granted('broken', reference, { toolset: 'lake' });
    const error = await secrets.resolveSecret('broken', { toolset: 'lake' }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'SECRET_UNUSABLE' });
    expect(JSON.stringify(envelope(error))).not.toMatch(/SECRETS_TEST|tmp|vault/);
  });

  test('that is a file larger than any secret, or too short to be taken out of texts, is unusable', async () => {
    for (const text of ['x'.repeat(70_000), 'abc']) {
      const file = path.join(directory, 'odd');
      writeFileSync(file, text);
      await granted('odd', `file:${file}`, { toolset: 'lake' });
      await expect(secrets.resolveSecret('odd', { toolset: 'lake' })).rejects.toMatchObject({
        code: 'SECRET_UNUSABLE',
      });
    }
  });
});

test('a value is in no table, no line of the log and no foreign text', async () => {
  await granted('kept-out', 'env:SECRETS_TEST_VALUE', { toolset: 'lake' });
  const used = await secrets.resolveSecret('kept-out', { toolset: 'lake' });
  const basic = Buffer.from(`user:${used}`).toString('base64');

  const lines: string[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: the stream is behind a symbol
  const log = createLog('trace') as any;
  const stream = log[Object.getOwnPropertySymbols(log).find((one) => String(one) === 'Symbol(pino.stream)') as symbol];
  const write = vi.spyOn(stream, 'write').mockImplementation((line: unknown) => lines.push(String(line)));
  log.error({ error: new Error(`refused ${used}`), headers: { authorization: `Basic ${basic}` } }, `sent ${used}`);
  write.mockRestore();
  expect(lines).toHaveLength(1);

  const answer = new AppError('UPSTREAM_FAILED', 'It failed.', 'Try again.', {
    said: untrusted('x', `${used} ${basic}`),
  });
  const tables = await sql<{ name: string }>`
    select table_schema || '.' || table_name as name from information_schema.tables
    where table_schema not in ('pg_catalog', 'information_schema')`.execute(database.db);
  const dump: string[] = [];
  for (const { name } of tables.rows) {
    const { rows } = await sql`select * from ${sql.raw(name)}`.execute(database.db);
    dump.push(JSON.stringify(rows));
  }
  expect(dump.join()).toContain('env:SECRETS_TEST_VALUE');
  for (const text of [lines.join(), JSON.stringify(envelope(answer)), dump.join()]) {
    expect(text).not.toContain(value);
    expect(text).not.toContain(basic.slice(8));
  }
});

test.each([
  ['secret:orchestra-key', 'orchestra-key'],
  ['secret:a.b_c-1', 'a.b_c-1'],
  ['secret:', undefined],
  ['secret:Upper', undefined],
  ['secret:a b', undefined],
  ['secret:a\n', undefined],
  ['env:HOME', undefined],
  [`secret:${'a'.repeat(65)}`, undefined],
])('%j names %j', (text, name) => expect(secretName(text)).toBe(name));
