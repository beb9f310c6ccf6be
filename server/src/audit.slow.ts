import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tuttiProcess } from '../../client/test/support.ts';
import { startTestServer, type TestServer } from '../test/support/server.ts';

const command = path.join(import.meta.dirname, '../bin/tutti.js');
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const tutti = (...args: readonly string[]) => tuttiProcess(['audit', ...args], process.execPath, command);
const onServer = (...args: readonly string[]) =>
  tutti(...args, '--database-url', server.database.url, '--data-dir', server.dataDir);
const register = (name: string, token?: string) =>
  server.call('register_dataset', { name, uri: `tutti://${name}` }, token);
const sealed = async (count: number) => {
  for (;;) {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from audit_entries where seq is not null`.execute(server.database.db);
    if ((rows[0]?.count ?? 0) >= count) return;
    await sleep(50);
  }
};

test('what was done is listed, and verified until somebody changes it', async () => {
  const { secret: reader } = await server.token('rita', ['reader']);
  const { body } = await register('one');
  await register('two');
  await register('three', reader);
  await sealed(3);

  const whole = await onServer('verify');
  expect(whole).toMatchObject({ code: 0, notes: '' });
  expect(whole.out).toMatch(
    /^The last head, at entry 3, is of .*Z: [0-9a-f]{64}\nThe chain is whole: 3 entries, \d heads?\.\n$/,
  );
  expect(JSON.parse((await onServer('verify', '--json')).out)).toMatchObject({ ok: true, entries: 3, problems: [] });

  const listed = await onServer('list');
  expect(listed.code).toBe(0);
  expect(listed.out.split('\n')).toEqual([
    expect.stringMatching(/^\S+Z +3 {2}FORBIDDEN {8}rita {2}register_dataset {2}-$/),
    expect.stringMatching(/^\S+Z +2 {2}ok {15}admin {2}register_dataset {2}ds_\w+$/),
    expect.stringContaining(body.id),
    '',
  ]);
  const json = async (...flags: string[]) => JSON.parse((await onServer('list', '--json', ...flags)).out);
  expect(await json('--principal', 'rita', '--tool', 'register_dataset', '--since', '1h')).toHaveLength(1);
  expect(await json('--limit', '2')).toHaveLength(2);
  expect(await json('--since', '2100-01-01')).toEqual([]);

  await sql`update audit_entries set principal_name = 'rita' where seq = 2`.execute(server.database.db);
  const broken = await onServer('verify');
  expect(broken).toMatchObject({ code: 1, notes: '' });
  expect(broken.out).toMatch(/^✗ Entry 2 \(aud_\w+, \S+\) was changed.*\n(.*\n)*The chain is broken: 3 entries/);
  const report = await onServer('verify', '--json');
  expect(report.code).toBe(1);
  expect(JSON.parse(report.out).problems).toHaveLength(1);
});

test('what makes no sense is refused', async () => {
  for (const [args, sentence] of [
    [[], /^tutti audit: /],
    [['melt'], /^tutti audit: /],
    [['verify', 'x'], /^tutti audit: /],
    [['list', '--color', 'red'], /--color/],
    [['list', '--since', 'soon'], /--since soon is no time/],
    [['list', '--limit', '0'], /--limit 0/],
  ] as const) {
    expect(await onServer(...args), args.join(' ')).toMatchObject({
      code: 2,
      out: '',
      notes: expect.stringMatching(sentence),
    });
  }
});

test('where there is no audit trail it says so and makes none', async () => {
  const nowhere = path.join(server.dataDir, 'nowhere');
  expect(await tutti('verify', '--data-dir', nowhere)).toMatchObject({
    code: 4,
    out: '',
    notes: expect.stringContaining(`There is no database in ${nowhere}`),
  });
});
