import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepareSchema, runOnce } from '../src/capabilities/lake/targets/postgres/build/store.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { type Lake, lakeOf } from './support/lake.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { makeTempDir } from './support/temp-dir.ts';

let other: TestDatabase;
let server: TestServer;
let lake: Lake;
const hostile = `na"me'; drop table datasets; --\\`;

beforeAll(async () => {
  other = await createTestDatabase();
  const file = path.join(makeTempDir('postgres-url'), 'url');
  await writeFile(file, other.url);
  const targets = [
    { name: 'other', url: `file:${file}` },
    { name: 'away', url: 'env:TUTTI_NO_SUCH_URL' },
  ];
  server = await startTestServer(['--lake-postgres-targets', JSON.stringify(targets)]);
  lake = lakeOf(server);
});
afterAll(async () => {
  await server.stop();
  await other.close();
});

const rows = [
  { [hostile]: `it's "quoted"`, n: 1.5, i: 1, b: true, t: '2024-01-02T03:04:05.678Z', d: '2024-01-02', j: { a: [1] } },
  { [hostile]: 'nul \u0000 here', n: -0.25, i: 2, b: false, t: '1969-12-31T23:59:59.999Z', d: '1970-01-01', j: [] },
  { [hostile]: "'); drop schema lake_index; --", n: 1e300, i: 3, b: null, t: null, d: null, j: null },
  {
    [hostile]: null,
    n: null,
    i: 9007199254740993n,
    b: true,
    t: '0001-01-01T00:00:00Z',
    d: '9999-12-31',
    j: { b: 'x' },
  },
];
const ndjson = rows
  .map((row) =>
    JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? 'BIG' : value)).replace('"BIG"', '9007199254740993'),
  )
  .join('\n');

test('rows come back as they come from lance, and filters find the same', async () => {
  const id = await lake.dataset('types');
  await lake.upload(id, 'a.ndjson', ndjson);
  await lake.commit(id, 'v1');
  for (const target of ['lance', 'postgres'])
    expect(await lake.ingest(id, { target })).toMatchObject({ state: 'succeeded', metadata: { rows: 4 } });
  const found = async (target: string, more: object = {}) => {
    const { items } = await lake.search(id, '', { target, ...more });
    return items.map(({ row, ...item }: { row: Record<string, unknown>; score: number }) => ({
      ...item,
      // PostgreSQL holds no NUL.
      row: { ...row, [hostile]: (row[hostile] as string | null)?.replaceAll('\0', '\ufffd') ?? null },
    }));
  };
  expect(await found('postgres')).toEqual(await found('lance'));
  const filters = [
    { n: { gt: 0 } },
    { i: '9007199254740993' },
    { i: { lt: 2.5 } },
    { b: { ne: true } },
    { t: { lt: '1970-01-01' } },
    { d: { gte: '2024-01-02' } },
    { j: { contains: 'a' } },
    { [hostile]: { contains: "'" } },
    { [hostile]: { in: [`it's "quoted"`, null] } },
    { [hostile]: { is_null: true }, i: { gte: 1 } },
  ];
  for (const filter of filters) {
    const wanted = await found('lance', { filter });
    expect(await found('postgres', { filter }), JSON.stringify(filter)).toEqual(wanted);
    expect(wanted.length, JSON.stringify(filter)).toBeGreaterThan(0);
  }
  expect(await lake.ok('get_dataset', { dataset_id: id })).toMatchObject({ id });
});

test('words are found by their stem, or as they are with language simple', async () => {
  const id = await lake.dataset('words');
  await lake.upload(id, 'a.csv', 'text\nrunning dogs\na quiet cat\n');
  await lake.commit(id, 'v1');
  await lake.ingest(id, { target: 'postgres' });
  const stems = await lake.search(id, 'dog run', { target: 'postgres' });
  expect(stems.items.map(({ row }: { row: { text: string } }) => row.text)).toEqual(['running dogs']);
  expect(stems.items[0].score).toBeGreaterThan(0);
  await lake.ingest(id, { target: 'postgres', options: { language: 'simple' } });
  expect((await lake.search(id, 'dog', { target: 'postgres' })).items).toEqual([]);
  expect((await lake.search(id, '"quiet cat" -running', { target: 'postgres' })).items).toHaveLength(1);
});

test('a row of the same id is replaced by that of the later object, and comes back when it goes', async () => {
  const id = await lake.dataset('ids');
  await lake.upload(id, 'a.csv', 'id,text\n1,from a\n2,only a\n1,from a again\n');
  await lake.upload(id, 'b.csv', 'id,text\n1,from b\n,nobody\n');
  await lake.commit(id, 'v1');
  const mapping = { id: 'id' };
  expect(await lake.ingest(id, { target: 'postgres', mapping })).toMatchObject({
    state: 'succeeded',
    counters: { inserted: 2, updated: 2, errors: 1 },
  });
  const texts = async () =>
    (await lake.search(id, '', { target: 'postgres' })).items.map(({ row }: { row: { text: string } }) => row.text);
  expect(await texts()).toEqual(['from b', 'only a']);
  await lake.ok('remove_dataset_object', { dataset_id: id, object_key: 'b.csv' });
  await lake.commit(id, 'v2');
  await lake.ingest(id, { target: 'postgres', mapping });
  expect(await texts()).toEqual(['from a again', 'only a']);
});

test('a database of the operator takes rows by its name, and what is dropped goes from it', async () => {
  const id = await lake.dataset('other');
  await lake.upload(id, 'a.csv', 'text\none\n');
  await lake.commit(id, 'v1');
  const options = { database: 'other' };
  expect(await lake.ingest(id, { target: 'postgres', options })).toMatchObject({ state: 'succeeded' });
  const tables = async () =>
    (
      await sql<{
        name: string;
      }>`select relname as name from pg_class where relname like 'idx_%' and relkind = 'r'`.execute(other.db)
    ).rows;
  expect(await tables()).toHaveLength(1);
  expect((await lake.search(id, 'one', { target: 'postgres' })).items).toHaveLength(1);
  for (const version of ['v2', 'v3', 'v4']) {
    await lake.upload(id, 'a.csv', `text\n${version}\n`);
    await lake.commit(id, version);
    await lake.ingest(id, { target: 'postgres', options });
  }
  // The one that is served, and the one before.
  expect(await tables()).toHaveLength(2);
  const unknown = { dataset_id: id, target: 'postgres', options: { database: 'postgres://evil' } };
  expect(await server.call('start_ingest', unknown)).toMatchObject({ status: 422 });
  expect(await lake.ingest(id, { target: 'postgres', options: { database: 'away' } })).toMatchObject({
    state: 'failed',
    error: { code: 'SECRET_UNUSABLE' },
  });
});

test('a step that ran but was not written down does not run again', async () => {
  const { db } = other;
  await prepareSchema(db);
  await sql`insert into lake_index.builds (id, step) values ('idx_once', 0)`.execute(db);
  let runs = 0;
  const step = async () => ({ run: ++runs });
  expect(await runOnce(db, 'idx_once', 0, step)).toEqual({ run: 1 });
  expect(await runOnce(db, 'idx_once', 0, step)).toEqual({ run: 1 });
  expect(await runOnce(db, 'idx_once', 5, step)).toBeUndefined();
  const failing = runOnce(db, 'idx_once', 1, async () => Promise.reject(new Error('cut off')));
  await expect(failing).rejects.toThrow('cut off');
  expect(await runOnce(db, 'idx_once', 1, step)).toEqual({ run: 2 });
});
