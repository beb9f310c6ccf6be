import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileFilter } from './filter.ts';
import { createScratch, createTestPool, type Scratch } from './fixtures.ts';
import type { EnginePool } from './pool.ts';
import type { EngineColumn, Filter, FilterOperators, IndexRef, Scalar } from './protocol.ts';

const columns: EngineColumn[] = [
  { name: "s' OR 1=1 --", type: 'string' },
  { name: 'n', type: 'number' },
  { name: 'i', type: 'integer' },
  { name: 'b', type: 'boolean' },
  { name: 't', type: 'timestamp' },
  { name: 'j', type: 'json' },
];
const [S] = columns.map(({ name }) => name) as [string];
const strings = [
  "'",
  "''",
  "a'b",
  '\\',
  "\\'",
  'a\\',
  '\0',
  'a\0b',
  '%',
  '_',
  '"',
  '--',
  ';',
  '/*',
  '\n',
  'é',
  'e\u0301',
  '😀',
  '漢字',
  'A',
  'a',
  '{}',
  '?',
  '$1',
  '\u2028',
  ' ',
];
const numbers = [0, 1, -1, 0.1, 1 / 3, 1e21, 5e-324, -1.7976931348623157e308, 42];
const integers = [0, 1, -1, 42, 9007199254740991, '9007199254740993', '-9223372036854775808', '9223372036854775807'];
const times = [
  '1970-01-01T00:00:00.000Z',
  '2024-02-29T12:00:00.001Z',
  '0001-01-01T00:00:00.000Z',
  '1969-12-31T23:59:59.999Z',
];

type Row = Record<string, Scalar>;
const pick = <T extends Scalar>(values: readonly T[], n: number): T | null => values[n % (values.length + 1)] ?? null;
const rows: Row[] = Array.from({ length: 160 }, (_, n) => ({
  [S]: pick(strings, n),
  n: pick(numbers, n),
  i: pick(integers, n),
  b: pick([true, false], n),
  t: pick(times, n),
}));

let scratch: Scratch;
let pool: EnginePool;
let index: IndexRef;
beforeAll(async () => {
  scratch = await createScratch();
  pool = createTestPool({ size: 1 });
  index = { dir: `${scratch.dir}/index`, table: 't' };
  // JSON text with large integers as bare digits, as a file would have them.
  const lines = rows.map((row, n) => JSON.stringify({ k: n, ...row }).replace(/"i":"(-?\d+)"/, '"i":$1'));
  const object = await scratch.put('rows.jsonl', lines.join('\n'));
  await pool.run('ingest', { object, columns, index, after: 0, mapping: {}, datasetId: 'ds_1' });
});
afterAll(async () => {
  await pool.close();
  await scratch.remove();
});

type Comparable = string | number | bigint | boolean;
const toComparable = (column: string, value: Scalar): Comparable =>
  column === 't'
    ? Date.parse(String(value))
    : column === 'i' && typeof value === 'string'
      ? BigInt(value)
      : (value as Comparable);

/** The plain meaning of a filter, over the rows as they were written. */
function matches(row: Row, filter: Filter): boolean {
  return Object.entries(filter).every(([column, given]) => {
    const operators = typeof given === 'object' && given !== null ? given : { eq: given };
    const cell = row[column] ?? null;
    const same = (value: Scalar) =>
      value === null || cell === null
        ? value === cell
        : // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number may be the same integer
          toComparable(column, cell) == toComparable(column, value);
    const order = (value: Scalar) =>
      cell === null ? undefined : compare(toComparable(column, cell), toComparable(column, value));
    return Object.entries(operators).every(([operator, value]) => {
      const at = order(value as Scalar);
      if (operator === 'eq') return same(value as Scalar);
      if (operator === 'ne') return !same(value as Scalar);
      if (operator === 'in') return (value as Scalar[]).some(same);
      if (operator === 'is_null') return (cell === null) === value;
      if (operator === 'contains') return cell !== null && String(cell).includes(String(value));
      if (at === undefined) return false;
      return { gt: at > 0, gte: at >= 0, lt: at < 0, lte: at <= 0 }[operator];
    });
  });
}

function compare(a: Comparable, b: Comparable): number {
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(String(b)));
  return a < b ? -1 : a > b ? 1 : 0;
}

const stringValue = fc.oneof(
  fc.constantFrom(...strings),
  fc.string({ unit: fc.constantFrom("'", '\\', '\0', 'a', '%', '"', '😀', 'b'), maxLength: 4 }),
);
const numberValue = fc.oneof(fc.constantFrom(...numbers), fc.double({ noNaN: true, noDefaultInfinity: true }));
const integerValue: fc.Arbitrary<string | number> = fc.oneof(
  fc.constantFrom(...integers),
  fc.integer(),
  fc.constant(0.5),
);
const timeValue = fc.constantFrom(...times, '2024-02-29');

function operators(value: fc.Arbitrary<Scalar>, ordered: boolean): fc.Arbitrary<Scalar | FilterOperators> {
  const nullable = fc.option(value);
  const single = [
    nullable.map((eq) => ({ eq })),
    nullable.map((ne) => ({ ne })),
    fc.array(nullable, { maxLength: 3 }).map((list) => ({ in: list })),
    fc.boolean().map((is_null) => ({ is_null })),
  ];
  const range = fc.tuple(fc.constantFrom('gt', 'gte', 'lt', 'lte'), value).map(([name, given]) => ({ [name]: given }));
  const parts = ordered ? [...single, range, range] : single;
  return fc.oneof(
    nullable,
    ...parts,
    fc.tuple(fc.oneof(...parts), fc.oneof(...parts)).map(([a, b]) => ({ ...a, ...b })),
  );
}

const anyFilter = fc
  .record(
    {
      [S]: fc.oneof(
        operators(stringValue, true),
        stringValue.map((contains) => ({ contains })),
      ),
      n: operators(numberValue, true),
      i: operators(integerValue, true),
      b: operators(fc.boolean(), false),
      t: operators(timeValue, true),
    },
    { requiredKeys: [] },
  )
  .map((filter) => filter as Filter);

test('property: a filter selects exactly the rows that its plain meaning selects', async () => {
  await fc.assert(
    fc.asyncProperty(anyFilter, async (filter) => {
      const input = { index, query: '', mode: 'text' as const, filter, limit: 1000, offset: 0 };
      const { items } = await pool.run('search', input);
      const found = items.map(({ row }) => row.k as number).sort((a, b) => a - b);
      expect(found).toEqual(rows.flatMap((row, n) => (matches(row, filter) ? [n] : [])));
    }),
    { numRuns: 400 },
  );
});

test('every hostile string finds its own rows', async () => {
  for (const text of strings) {
    const found = await pool.run('search', {
      index,
      query: '',
      mode: 'text',
      filter: { [S]: text },
      limit: 1000,
      offset: 0,
    });
    expect(new Set(found.items.map(({ row }) => row[S]))).toEqual(new Set([text]));
  }
});

test('unknown columns, operators and types are refused with what there is', () => {
  const refused: Filter[] = [
    { nope: 1 },
    { constructor: 1 },
    { n: 'x' },
    { n: Number.NaN },
    { i: '1; DROP' },
    { i: '99999999999999999999' },
    { b: 1 },
    { t: 'yesterday' },
    { t: 5 },
    { j: '{}' },
    { n: { contains: 'x' } as FilterOperators },
    { b: { gt: 1 } },
    { [S]: { like: '%' } as FilterOperators },
    { [S]: { in: 'x' } as unknown as FilterOperators },
    { [S]: { is_null: 'yes' } as unknown as FilterOperators },
    { [S]: { gt: null } as unknown as FilterOperators },
  ];
  for (const filter of refused) {
    expect(() => compileFilter(filter, columns)).toThrow(
      expect.objectContaining({ code: 'VALIDATION_FAILED', suggestion: expect.stringContaining('n (number)') }),
    );
  }
});

test('names never enter the condition', () => {
  expect(compileFilter({ [S]: 'x', j: { contains: '{' } }, columns)).toBe("(c0 = 'x') AND (contains(c5, '{'))");
  expect(compileFilter({}, columns)).toBe('');
});
