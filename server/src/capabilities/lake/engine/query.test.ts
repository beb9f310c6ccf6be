import { afterAll, beforeAll, expect, test } from 'vitest';
import { createScratch, createTestPool, type Scratch } from './fixtures.ts';
import type { EnginePool } from './pool.ts';
import { type Asked, putTables, query, refusal } from './query-fixtures.ts';
import type { QueryTable } from './query-protocol.ts';

let scratch: Scratch;
let pool: EnginePool;
let tables: QueryTable[];
beforeAll(async () => {
  scratch = await createScratch();
  pool = createTestPool({ size: 1, memoryMb: 512 });
  const put = await putTables(scratch, pool, {
    'raw/cats.csv': 'id,name,born,_line\n1,Miso,2021-05-02,x\n9007199254740993,Tofu,2019-11-30,y\n',
    'raw/Cats.csv': 'NAME,id,age\nNori,3,1.5\n',
    'at.jsonl': '{"id": 4, "at": "2026-01-02T03:04:05.6Z"}\n{"id": 5, "at": "2026-01-02T00:00:00Z"}\n',
  });
  // Keys need no ending where the content type says what is in them.
  tables = put.map((table) => (table.key === 'at.jsonl' ? { ...table, key: 'dataset' } : table));
});
afterAll(async () => {
  await pool.close();
  await scratch.remove();
});

const ask = (sql: string, asked?: Asked) => query(pool, tables, sql, asked);
const rows = async (sql: string, asked?: Asked) => (await ask(sql, asked)).rows;

test('all objects together are one table, and each is one of its own', async () => {
  const all = await ask('FROM dataset ORDER BY _object, _ordinal');
  expect(all.columns).toEqual([
    { name: 'id', type: 'BIGINT' },
    { name: 'name', type: 'VARCHAR' },
    { name: 'born', type: 'DATE' },
    { name: '_line_1', type: 'VARCHAR' },
    { name: 'NAME_1', type: 'VARCHAR' },
    { name: 'age', type: 'DOUBLE' },
    { name: 'at', type: 'TIMESTAMP_MS' },
    { name: '_object', type: 'VARCHAR' },
    { name: '_line', type: 'BIGINT' },
    { name: '_ordinal', type: 'BIGINT' },
  ]);
  expect(all.rows).toEqual([
    [4, null, null, null, null, null, '2026-01-02T03:04:05.6Z', 'dataset', 1, 0],
    [5, null, null, null, null, null, '2026-01-02T00:00:00Z', 'dataset', 2, 1],
    [3, null, null, null, 'Nori', 1.5, null, 'raw/Cats.csv', 2, 0],
    [1, 'Miso', '2021-05-02', 'x', null, null, null, 'raw/cats.csv', 2, 0],
    ['9007199254740993', 'Tofu', '2019-11-30', 'y', null, null, null, 'raw/cats.csv', 3, 1],
  ]);
  expect(await rows('SELECT name, _line FROM "raw/cats.csv" ORDER BY id')).toEqual([
    ['Miso', 2],
    ['Tofu', 3],
  ]);
  expect(await rows('SELECT NAME_1, age FROM "raw/Cats.csv_1"')).toEqual([['Nori', 1.5]]);
  expect(await rows('SELECT id FROM dataset_1 ORDER BY ALL')).toEqual([[4], [5]]);
});

test('objects of one shape are read in one go, each row with its own object', async () => {
  const many = await putTables(
    scratch,
    pool,
    Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`part '${n}'.csv`, `n\n${n}\n${n}\n`])),
  );
  const found = await query(pool, many, 'SELECT _object, min(n), max(n), count(*) FROM dataset GROUP BY 1 ORDER BY 2');
  expect(found.rows).toEqual(many.map(({ key }, n) => [key, n, n, 2]));
});

test('lines are those of the objects, however each of them was read', async () => {
  const mixed = await putTables(scratch, pool, {
    'headed.csv': 'column0\n5\n6\n',
    'bare.csv': '7\n8\n',
    // A blank line is left to our own reader.
    'blank.csv': 'column0\n\n9\n',
  });
  const found = await query(pool, mixed, 'SELECT _object, _line, _ordinal, column0 FROM dataset ORDER BY column0');
  expect(found.rows).toEqual([
    ['headed.csv', 2, 0, 5],
    ['headed.csv', 3, 1, 6],
    ['bare.csv', 1, 0, 7],
    ['bare.csv', 2, 1, 8],
    ['blank.csv', 3, 0, 9],
  ]);
});

test('hundreds of objects, some of several files, are told apart', async () => {
  const [one] = tables;
  const files = one?.files ?? [];
  const many = Array.from({ length: 250 }, (_, n) => ({
    key: `part${n}.csv`,
    columns: one?.columns ?? [],
    files: n % 50 === 0 ? [...files, ...files] : files,
  }));
  const found = await query(pool, many, 'SELECT _object, count(*) FROM dataset GROUP BY ALL', { maxRows: 1000 });
  const counts = new Map(found.rows as [string, number][]);
  expect(counts).toEqual(new Map(many.map(({ key }, n) => [key, n % 50 === 0 ? 4 : 2])));
});

test.each([
  ['DESCRIBE dataset', 10],
  ['describe select 1', 1],
  ['SUMMARIZE "raw/cats.csv"', 6],
  ['EXPLAIN SELECT * FROM dataset', 1],
  ['explain\nanalyze FROM dataset', 1],
  ['VALUES (1), (2)', 2],
  ['(SELECT 1)', 1],
  ["-- a comment\nSELECT /* another; */ 'a;b';", 1],
  ["SELECT $$it's; $1$$", 1],
  ['WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t WHERE n < 5) FROM t', 5],
  ['WITH Dataset AS (SELECT 7 AS n) SELECT n FROM dataset', 1],
  ["PIVOT dataset ON name IN ('Miso') USING count(*) GROUP BY _object", 3],
  ['SELECT * FROM range(3) AS r(n), LATERAL unnest([n, n])', 6],
  ['TABLE main.dataset', 5],
  ['SELECT name FROM dataset SEMI JOIN (FROM "raw/cats.csv") c USING (id)', 2],
])('runs %s', async (sql, count) => {
  const found = await ask(sql);
  expect(found.rows.length).toBe(count);
  expect(JSON.stringify(found)).not.toContain(scratch.dir);
});

test('values come as JSON', async () => {
  const values = {
    "'nan'::DOUBLE": 'NaN',
    '-9007199254740991': -9007199254740991,
    '170141183460469231731687303715884105727::HUGEINT': '170141183460469231731687303715884105727',
    '1.50::DECIMAL(10,2)': 1.5,
    '1234567890123456.5::DECIMAL(18,1)': '1234567890123456.5',
    "'infinity'::TIMESTAMP": 'infinity',
    "TIMESTAMPTZ '2026-01-02 03:04:05+02'": '2026-01-02T01:04:05Z',
    "TIMESTAMP_S '2026-01-02 03:04:05'": '2026-01-02T03:04:05Z',
    "DATE '2026-01-02'": '2026-01-02',
    "'a\\x00'::BLOB": 'a\\x00',
    "{'a': [1, NULL], 'b': {'c': 9007199254740993}}": { a: [1, null], b: { c: '9007199254740993' } },
    "MAP {'k': DATE '2026-01-02'}": [{ key: 'k', value: '2026-01-02' }],
    "uuid_extract_version('00000000-0000-4000-8000-000000000000'::UUID)": 4,
    NULL: null,
    true: true,
    "'\u{1f431} ünï'": '\u{1f431} ünï',
  };
  expect(await rows(`SELECT ${Object.keys(values).join(', ')}`)).toEqual([Object.values(values)]);
});

test('params take their places by order or by name', async () => {
  expect(await rows('SELECT name FROM dataset WHERE id = ? AND born > ?', { params: [1, '2020-01-01'] })).toEqual([
    ['Miso'],
  ]);
  expect(await rows('SELECT $b, $a, $b', { params: { a: null, b: "'; DROP TABLE x" } })).toEqual([
    ["'; DROP TABLE x", null, "'; DROP TABLE x"],
  ]);
  expect(await rows('FROM range(10) LIMIT ?', { params: [2] })).toEqual([[0], [1]]);
  expect((await refusal(ask('SELECT ?', { params: [] }))).message).toContain('1 parameters');
  expect((await refusal(ask('SELECT 1', { params: ['x'] }))).code).toBe('QUERY_FAILED');
  expect((await refusal(ask('SELECT $a', { params: { b: 1 } }))).code).toBe('ENGINE_FAILED');
});

test('rows end where the limits are, and long values are cut', async () => {
  const some = await ask('FROM range(100000000)', { maxRows: 3000 });
  expect(some.rows.length).toBe(3000);
  expect(some.truncated).toBe('max_rows');
  expect((await ask('FROM range(5)', { maxRows: 5 })).truncated).toBeNull();
  const bytes = await ask("SELECT repeat('x', 1000) FROM range(5000)", { maxRows: 5000, maxBytes: 100_000 });
  expect(bytes.truncated).toBe('max_bytes');
  expect(bytes.rows.length).toBe(99);
  const long = await ask("SELECT repeat('\u{1f431}', 100000), range(100000)");
  expect(long.cut_cells).toBe(2);
  for (const value of long.rows[0] as string[]) expect(value).toHaveLength(16_385);
  const wide = `SELECT ${Array.from({ length: 5000 }, (_, n) => `${n} AS column_${n}`).join(', ')}`;
  expect(await refusal(ask(wide, { maxBytes: 100_000 }))).toMatchObject({ code: 'QUERY_TOO_LARGE' });
});

test('a mistake is told in the words of the engine, a table that is not there in ours', async () => {
  const mistake = await refusal(ask('SELECT nmae FROM dataset'));
  expect(mistake.details).toMatchObject({ engine: { untrusted: true, source: 'duckdb' } });
  expect(JSON.stringify(mistake.details)).toContain('name');
  const missing = await refusal(ask('SELECT * FROM dogs'));
  expect(missing).toMatchObject({
    code: 'QUERY_FAILED',
    details: { tables: ['dataset', 'raw/cats.csv', 'raw/Cats.csv_1', 'dataset_1'] },
  });
});
