import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createScratch, createTestPool, type Scratch } from './fixtures.ts';
import type { EnginePool } from './pool.ts';
import { putTables, query } from './query-fixtures.ts';
import type { QueryTable } from './query-protocol.ts';

let scratch: Scratch;
let pool: EnginePool;
beforeAll(async () => {
  scratch = await createScratch();
  pool = createTestPool({ size: 1 });
});
afterAll(async () => {
  await pool.close();
  await scratch.remove();
});

interface Row {
  readonly n: number | null;
  readonly s: string | null;
}

/** A condition in SQL, and the same in plain code: true, false, or null where SQL does not know. */
interface Condition {
  readonly sql: string;
  readonly holds: (row: Row) => boolean | null;
}

const number = fc.integer({ min: -5, max: 5 });
// Begins with a letter, so that the column is one of strings.
const word = fc.string({ maxLength: 3, unit: fc.constantFrom('a', 'B', 'ü', "'", '"', '%', '\\', '\u{1f431}') });
const text = word.map((rest) => `v${rest}`);
const row: fc.Arbitrary<Row> = fc.record({ n: fc.option(number), s: fc.option(text) });

// In the order of their bytes, as the engine compares texts.
const order = (a: string | number, b: string | number) =>
  typeof a === 'string' ? Buffer.compare(Buffer.from(a), Buffer.from(String(b))) : a - Number(b);
const operators: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (found) => found === 0,
  '<>': (found) => found !== 0,
  '<': (found) => found < 0,
  '>=': (found) => found >= 0,
};
const compare =
  <T extends number | string>(column: 'n' | 's', literal: (value: T) => string) =>
  (operator: string, value: T): Condition => ({
    sql: `${column} ${operator} ${literal(value)}`,
    holds: (of) => (of[column] === null ? null : (operators[operator]?.(order(of[column], value)) ?? null)),
  });
const operator = fc.constantFrom(...Object.keys(operators));
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    fc.tuple(operator, number).map(([of, value]) => compare<number>('n', String)(of, value)),
    fc
      .tuple(operator, text)
      .map(([of, value]) => compare<string>('s', (it) => `'${it.replaceAll("'", "''")}'`)(of, value)),
    fc.constantFrom<'n' | 's'>('n', 's').map((column) => ({
      sql: `${column} IS NULL`,
      holds: (of: Row) => of[column] === null,
    })),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => ({
      sql: `(${a.sql} AND ${b.sql})`,
      holds: (of: Row) => and(a.holds(of), b.holds(of)),
    })),
    tie('condition').map((a) => ({ sql: `NOT (${a.sql})`, holds: (of: Row) => not(a.holds(of)) })),
  ),
}));

function and(a: boolean | null, b: boolean | null): boolean | null {
  if (a === false || b === false) return false;
  return a === null || b === null ? null : true;
}

function not(a: boolean | null): boolean | null {
  return a === null ? null : !a;
}

test('filters and aggregates give what plain code gives', async () => {
  const parts = fc.array(fc.array(row, { maxLength: 12 }), { minLength: 1, maxLength: 3 });
  const conditions = fc.array(condition, { minLength: 5, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(parts, conditions, async (rows, wheres) => {
      // The first row of each object settles the types of its columns.
      const objects = rows.map((some) => [{ n: 0, s: 'v' }, ...some]);
      const contents = objects.map((some, at) => [`${at}.jsonl`, some.map((one) => JSON.stringify(one)).join('\n')]);
      const tables = await putTables(scratch, pool, Object.fromEntries(contents));
      for (const where of wheres) await compareWith(tables, objects, where);
    }),
    { numRuns: 10 },
  );
});

async function compareWith(
  tables: readonly QueryTable[],
  objects: readonly (readonly Row[])[],
  where: Condition,
): Promise<void> {
  const kept = objects.flatMap((rows, at) =>
    rows.flatMap((one, ordinal) => (where.holds(one) === true ? [{ ...one, key: `${at}.jsonl`, ordinal }] : [])),
  );
  const list = await query(
    pool,
    tables,
    `SELECT n, s, _object, _ordinal FROM dataset WHERE ${where.sql} ORDER BY _object, _ordinal`,
  );
  expect(list.rows).toEqual(kept.map(({ n, s, key, ordinal }) => [n, s, key, ordinal]));
  const numbers = kept.flatMap(({ n }) => (n === null ? [] : [n]));
  const texts = kept.flatMap(({ s }) => (s === null ? [] : [s])).sort(order);
  const totals = await query(
    pool,
    tables,
    `SELECT count(*), count(n), sum(n), max(n), min(s), count(DISTINCT s) FROM dataset WHERE ${where.sql}`,
  );
  expect(totals.rows).toEqual([
    [
      kept.length,
      numbers.length,
      numbers.length > 0 ? numbers.reduce((sum, n) => sum + n, 0) : null,
      numbers.length > 0 ? Math.max(...numbers) : null,
      texts[0] ?? null,
      new Set(texts).size,
    ],
  ]);
}
