import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lakeOf } from './support/lake.ts';
import { runTutti, type ServeProcess } from './support/serve-process.ts';
import { createSite, type Site } from './support/several.ts';

let site: Site;
let first: ServeProcess;
beforeAll(async () => {
  site = await createSite();
  first = await site.serve('first');
}, 120_000);
afterAll(() => site.close());

const refused = (command: string, ...flags: string[]) =>
  runTutti([
    command,
    ...(command === 'serve' ? ['--port', '0'] : []),
    '--data-dir',
    site.directory('refused'),
    ...flags,
  ]);

/** A copy of the site's keys, for another process to have them otherwise. */
function copyKeys(name: string): string {
  const copy = path.join(site.directory('copies'), name);
  cpSync(site.keysDir, copy, { recursive: true });
  return copy;
}

test('a worker beside an embedded database or local files is refused, with the way out', async () => {
  const embedded = await refused('worker');
  expect(embedded).toMatchObject({ code: 2, output: expect.stringContaining('exactly one server') });
  expect(embedded.output).toContain('database_url');
  const local = await refused('worker', '--database-url', site.databaseUrl);
  expect(local).toMatchObject({ code: 2, output: expect.stringContaining('objects.s3_bucket') });
});

test('a server with local objects or a local index is refused beside others, and they beside it', {
  timeout: 480_000,
}, async () => {
  const local = await refused('serve', '--database-url', site.databaseUrl);
  expect(local).toMatchObject({ code: 1, output: expect.stringContaining('objects.s3_bucket') });
  const index = await refused('serve', ...site.flags, '--lake-indexes', 'local');
  expect(index).toMatchObject({ code: 1, output: expect.stringContaining('lake.indexes') });

  const other = await createSite();
  const alone = await other.serve('alone', ['--lake-indexes', 'local']);
  const second = await refused('serve', ...other.flags);
  expect(second).toMatchObject({ code: 1, output: expect.stringContaining('lake.indexes') });
  const worker = await refused('worker', ...other.flags);
  expect(worker).toMatchObject({ code: 1, output: expect.stringContaining('lake.indexes') });
  expect(await alone.call('list_capabilities', {})).toMatchObject({ status: 200 });
  await other.close();
});

test('a process with other keys is refused by the name of the purpose, and told nothing of them', {
  timeout: 480_000,
}, async () => {
  const keys = copyKeys('other');
  rmSync(path.join(keys, 'cursor.json'));
  const missing = await refused('serve', ...site.flags, '--keys-dir', keys);
  expect(missing).toMatchObject({ code: 1, output: expect.stringContaining(`no keys for cursor in ${keys}`) });
  expect((await refused('keys', 'make', '--keys-dir', keys)).code).toBe(0);
  for (const command of ['serve', 'worker']) {
    const other = await refused(command, ...site.flags, '--keys-dir', keys);
    expect(other).toMatchObject({ code: 1, output: expect.stringContaining(`The keys for cursor in ${keys} are not`) });
    expect(other.output).toContain('keys_dir');
    const values = Object.values(JSON.parse(readFileSync(path.join(keys, 'cursor.json'), 'utf8')).keys as object);
    for (const value of values) expect(other.output).not.toContain(String(value));
  }
  const { rows } = await sql<{ value: string }>`select value from agreements`.execute(site.database.db);
  expect(rows.length).toBeGreaterThan(4);
  const cursor = readFileSync(path.join(site.keysDir, 'cursor.json'), 'utf8');
  for (const { value } of rows) expect(cursor).not.toContain(value);
});

test('keys that everybody may read are refused', async () => {
  const keys = copyKeys('open');
  chmodSync(path.join(keys, 'presign.json'), 0o644);
  const open = await refused('serve', ...site.flags, '--keys-dir', keys);
  expect(open).toMatchObject({ code: 1, output: expect.stringContaining('chmod 600') });
});

test('a process with another bucket is refused', async () => {
  const other = await refused('serve', ...site.flags, '--objects-s3-prefix', 'elsewhere/');
  expect(other).toMatchObject({ code: 1, output: expect.stringContaining('elsewhere/ is not what the other servers') });
});

test('a process that declares other embedders or databases is refused beside others, and taken when it is alone', {
  timeout: 480_000,
}, async () => {
  const other = await createSite();
  const embedder = { name: 'words', url: 'http://127.0.0.1:9/v1', model: 'small', dimensions: 8 };
  const file = path.join(site.directory('copies'), 'warehouse-url');
  mkdirSync(path.dirname(file), { recursive: true });
  const url = (password: string, database: string) => {
    writeFileSync(file, `postgresql://tutti:${password}@127.0.0.1:9/${database}`);
    return [{ name: 'warehouse', url: `file:${file}` }];
  };
  const declared = (embedders: object[], targets: object[]) => [
    ...['--lake-embedders', JSON.stringify(embedders)],
    ...['--lake-postgres-targets', JSON.stringify(targets)],
  ];
  const running = await other.serve('running', declared([embedder], url('first-password', 'one')));
  const same = await other.serve('same', declared([{ ...embedder, batch_size: 1 }], url('second-password', 'one')));
  expect(await same.stop()).toBe(0);
  const cases: [string[], string][] = [
    [declared([], url('first-password', 'one')), 'lake.embedders declares (nothing)'],
    [declared([embedder, { ...embedder, name: 'more' }], url('x-password', 'one')), 'declares (more, words)'],
    [declared([{ ...embedder, model: 'large' }], url('x-password', 'one')), 'words of lake.embedders is not'],
    [declared([embedder], url('x-password', 'two')), 'warehouse of lake.postgres_targets is not'],
    [declared([embedder], []), 'lake.postgres_targets declares (nothing)'],
  ];
  for (const command of ['serve', 'worker']) {
    for (const [flags, said] of cases.slice(command === 'serve' ? 0 : 4)) {
      // The file is that of the last case by now.
      url('x-password', said.startsWith('warehouse') ? 'two' : 'one');
      const answer = await refused(command, ...other.flags, ...flags);
      expect(answer).toMatchObject({ code: 1, output: expect.stringContaining(said) });
      expect(answer.output).not.toContain('password');
    }
  }
  expect(await running.stop()).toBe(0);
  const started = (at: string) => sql`update agreements set updated_at = ${at}::timestamptz`.execute(other.database.db);
  // One that started a moment ago may be about to run, whenever that is found here.
  await started('infinity');
  expect(await refused('serve', ...other.flags, ...declared([], []))).toMatchObject({ code: 1 });
  await started('-infinity');
  const alone = await other.serve('alone', declared([{ ...embedder, model: 'large' }], []));
  const { rows } = await sql<{ name: string; value: string }>`select name, value from agreements`.execute(
    other.database.db,
  );
  expect(rows.find(({ name }) => name === 'lake.postgres_targets')?.value).toBe('(nothing)');
  expect(JSON.stringify(rows)).not.toContain('password');
  expect(await alone.stop()).toBe(0);
  await other.close();
});

test('keys are rotated and dropped beneath running servers, and new ones start with them', {
  timeout: 480_000,
}, async () => {
  const keys = (...words: string[]) =>
    runTutti(['keys', ...words, '--data-dir', site.directory('commands'), ...site.commandFlags]);
  const noted = async () => {
    const { rows } = await sql<{ value: string }>`
      select value from agreements where name = 'keys for cursor'`.execute(site.database.db);
    return rows[0]?.value;
  };
  const before = await noted();
  const lake = lakeOf(first);
  for (const name of ['one', 'two', 'three']) await lake.dataset(name);
  const { next_page: old } = await lake.ok('list_datasets', { page_size: 2 });
  expect(await keys('rotate', 'cursor')).toMatchObject({ code: 0 });
  const second = await site.serve('second');
  expect((await lakeOf(second).ok('list_datasets', { page_size: 2, page: old })).items).toHaveLength(1);
  const { next_page: fresh } = await lakeOf(second).ok('list_datasets', { page_size: 2 });
  expect((await lake.ok('list_datasets', { page_size: 2, page: fresh })).items).toHaveLength(1);
  await expect.poll(noted, { timeout: 30_000 }).not.toBe(before);

  expect(await keys('rotate', 'cursor', '--drop-old')).toMatchObject({ code: 0 });
  const rotated = await noted();
  await expect.poll(noted, { timeout: 30_000 }).not.toBe(rotated);
  const third = await site.serve('third');
  const gone = await third.call('list_datasets', { page_size: 2, page: fresh });
  expect(gone).toMatchObject({ status: 422, body: { error: { code: 'BAD_CURSOR' } } });

  // Nobody sees a change while none runs: it is for the operator to say that it is meant.
  for (const server of [first, second, third]) expect(await server.stop()).toBe(0);
  expect(await keys('rotate', 'cursor', '--drop-old')).toMatchObject({ code: 0 });
  const unknown = await refused('serve', ...site.flags);
  expect(unknown).toMatchObject({ code: 1, output: expect.stringContaining('tutti keys adopt') });
  expect(await keys('adopt')).toMatchObject({ code: 0 });
  const again = await site.serve('first');
  expect(await again.stop()).toBe(0);
});
