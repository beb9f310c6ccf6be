import { afterAll, beforeAll, expect, test } from 'vitest';
import { bothWays } from './copy-fixtures.ts';
import { copyParquet } from './copy-parquet.ts';
import { createScratch, type Scratch } from './fixtures.ts';
import type { EngineColumn } from './protocol.ts';

let scratch: Scratch;
beforeAll(async () => {
  scratch = await createScratch();
});
afterAll(() => scratch.remove());

async function both(select: string, columns?: readonly EngineColumn[]) {
  const object = await scratch.putParquet('a.parquet', select);
  return bothWays(scratch, { object, ...(columns && { columns }) }, copyParquet);
}

test('simple types come to the same rows as by our own reader', async () => {
  const { fast, own } =
    await both(`SELECT i, i::TINYINT AS c1, i::UBIGINT * 1000000007 AS c2, (i * 12345678912345)::BIGINT AS c3,
    (i / 7)::DECIMAL(18, 6) AS c4, i / 3 AS c5, (i / 3)::FLOAT AS c6,
    CASE i WHEN 1 THEN 'nan'::DOUBLE WHEN 2 THEN 'inf' ELSE -0.0 END AS c7,
    CASE WHEN i % 3 = 0 THEN '' WHEN i % 3 = 1 THEN 'é"' END AS c8, i % 2 = 0 AS c9, DATE '1950-01-01' + i::INT AS c10,
    TIMESTAMP '1969-12-31 23:59:59.9996' + to_microseconds(i * 10) AS c11,
    TIMESTAMPTZ '2026-01-01 10:00:00.123456+02' AS c12,
    CASE WHEN i = 5 THEN 'infinity'::TIMESTAMP ELSE '2026-01-01' END AS c13,
    '00000000-0000-0000-0000-000000000001'::UUID AS c14, encode('x' || i) AS c15, TIME '10:00:00' AS c16,
    'x' AS "a""b", NULL::INTEGER AS c17 FROM range(100) r(i)`);
  expect(fast).toBeDefined();
  expect(fast).toEqual(own);
});

test.each([
  ['nested values', "SELECT [1, 2] l, {'a': 1} s"],
  ['years that we do not write', "SELECT DATE '12026-01-01' d"],
  ['years before 1', "SELECT TIMESTAMP '0044-03-15 (BC) 00:00:00' t"],
])('%s are left to our own reader', async (_, select) => {
  expect((await both(select)).fast).toBeUndefined();
});

test('so are other types than its own', async () => {
  expect((await both('SELECT 1 a', [{ name: 'a', type: 'string' }])).fast).toBeUndefined();
  expect((await both('SELECT 1 a', [{ name: 'a', type: 'integer' }])).fast).toBeDefined();
});

test('many rows keep their order', async () => {
  const { fast, own } = await both('SELECT i, i % 7 m FROM range(300000) r(i)');
  expect(fast?.rows).toHaveLength(300_000);
  expect(fast).toEqual(own);
});
