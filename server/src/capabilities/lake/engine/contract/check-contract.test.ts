import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createScratch, createTestPool, type Scratch } from '../fixtures.ts';
import type { EnginePool } from '../pool.ts';
import type { EngineColumn } from '../protocol.ts';
import type { Check, Comparison, ContractRule, GroupTable, RuleResult } from './rules.ts';

let scratch: Scratch;
let pool: EnginePool;
let tables = 0;
beforeAll(async () => {
  scratch = await createScratch();
  pool = createTestPool();
});
afterAll(async () => {
  await pool.close();
  await scratch.remove();
});

async function table(key: string, content: string, columns?: readonly EngineColumn[]): Promise<GroupTable> {
  const object = await scratch.put(key, content);
  const dir = join(scratch.dir, `table${tables++}`);
  mkdirSync(dir);
  const made = await pool.run('materialise', { object, dir, ...(columns && { columns }) });
  return { key, files: made.files.map((file) => join(dir, file)), columns: made.columns, sparse: /json/.test(key) };
}

const rule = (check: Check, more: Partial<ContractRule> = {}): ContractRule => ({
  id: 'r',
  group: 0,
  severity: 'error',
  check,
  ...more,
});

async function run(list: readonly GroupTable[], rules: readonly ContractRule[]): Promise<readonly RuleResult[]> {
  return (await pool.run('contract', { groups: [{ name: 'things', tables: list }], rules })).results;
}

/** Rows that break each check, as [status, failed, lines of samples]. */
async function verdicts(list: readonly GroupTable[], checks: readonly Check[]) {
  const results = await run(
    list,
    checks.map((check) => rule(check)),
  );
  return results.map(({ status, failed, samples }) => [status, failed, samples?.map(({ line }) => line) ?? []]);
}

describe('checks of rows', () => {
  const csv = [
    'n,x,s,day,at,flag,empty',
    '1,1.5,abc,2026-01-01,2026-01-01T10:00:00Z,true,',
    '-5,2,äöü😀,2025-12-31,2025-12-31T23:59:59.999Z,false,',
    ',,,,,,',
    '9223372036854775807,0.1,a@b.de,2026-06-01,2026-06-01T00:00:00Z,true,',
    '1,,10.0.0.256,2026-01-01,2026-01-01T10:00:00.001Z,,',
  ].join('\n');
  const column = (name: string) => ({ column: name });

  const cases: [string, Check, [string, number, number[]]][] = [
    ['null', { kind: 'null', ...column('n') }, ['failed', 1, [4]]],
    ['null of a column that is always null', { kind: 'null', ...column('empty') }, ['failed', 5, [2, 3, 4, 5, 6]]],
    ['duplicates', { kind: 'duplicates', columns: ['n'] }, ['failed', 1, [2, 6]]],
    ['nulls are no duplicates', { kind: 'duplicates', columns: ['empty'] }, ['passed', 0, []]],
    ['duplicates of two', { kind: 'duplicates', columns: ['n', 'day'] }, ['failed', 1, [2, 6]]],
    ['no duplicates of two', { kind: 'duplicates', columns: ['n', 'at'] }, ['passed', 0, []]],
    ['minimum', { kind: 'bound', bound: 'minimum', value: 1, ...column('n') }, ['failed', 1, [3]]],
    [
      'exclusive minimum',
      { kind: 'bound', bound: 'exclusiveMinimum', value: 1, ...column('n') },
      ['failed', 3, [2, 3, 6]],
    ],
    ['maximum of a fraction', { kind: 'bound', bound: 'maximum', value: 1.5, ...column('x') }, ['failed', 1, [3]]],
    [
      'exclusive maximum',
      { kind: 'bound', bound: 'exclusiveMaximum', value: 1.5, ...column('x') },
      ['failed', 2, [2, 3]],
    ],
    ['maximum beyond doubles', { kind: 'bound', bound: 'maximum', value: 2 ** 62, ...column('n') }, ['failed', 1, [5]]],
    ['day', { kind: 'time', bound: 'minimum', value: Date.UTC(2026, 0, 1), ...column('day') }, ['failed', 1, [3]]],
    [
      'time to the millisecond',
      { kind: 'time', bound: 'maximum', value: Date.UTC(2026, 0, 1, 10), ...column('at') },
      ['failed', 2, [5, 6]],
    ],
    ['length in characters', { kind: 'length', min: 4, max: 4, ...column('s') }, ['failed', 3, [2, 5, 6]]],
    ['values', { kind: 'values', values: ['abc', "'; drop table x; --"], ...column('s') }, ['failed', 3, [3, 5, 6]]],
    ['values of a number', { kind: 'values', values: [1, -5], ...column('n') }, ['failed', 1, [5]]],
    ['values of a fraction', { kind: 'values', values: [2, 0.1], ...column('x') }, ['failed', 1, [2]]],
    ['no value at all', { kind: 'values', values: [], ...column('flag') }, ['failed', 3, [2, 3, 5]]],
    ['pattern anywhere', { kind: 'values', pattern: '[b.]', ...column('s') }, ['failed', 1, [3]]],
    ['pattern of all', { kind: 'values', pattern: '^\\p{L}+$', ...column('s') }, ['failed', 3, [3, 5, 6]]],
    ['email', { kind: 'format', format: 'email', ...column('s') }, ['failed', 3, [2, 3, 6]]],
    ['ipv4', { kind: 'format', format: 'ipv4', ...column('s') }, ['failed', 4, [2, 3, 5, 6]]],
    ['missing', { kind: 'missing', values: ['abc', null], ...column('s') }, ['failed', 2, [2, 4]]],
    ['missing, but not null', { kind: 'missing', values: ['abc'], ...column('s') }, ['failed', 1, [2]]],
    ['an empty text is null', { kind: 'missing', values: [''], ...column('s') }, ['failed', 1, [4]]],
    ['multiple of an integer', { kind: 'multiple', of: 5, ...column('n') }, ['failed', 3, [2, 5, 6]]],
    ['multiple of a fraction', { kind: 'multiple', of: 0.1, ...column('x') }, ['passed', 0, []]],
    ['multiple of a half', { kind: 'multiple', of: 0.5, ...column('x') }, ['failed', 1, [5]]],
    ['integer', { kind: 'type', type: 'integer', ...column('n') }, ['passed', 0, []]],
    ['fraction as integer', { kind: 'type', type: 'integer', ...column('x') }, ['failed', 2, [2, 5]]],
    ['text as number', { kind: 'type', type: 'number', ...column('s') }, ['failed', 4, [2, 3, 5, 6]]],
    ['day as timestamp', { kind: 'type', type: 'timestamp', ...column('day') }, ['passed', 0, []]],
    ['timestamp as day', { kind: 'type', type: 'date', ...column('at') }, ['failed', 3, [2, 3, 6]]],
    ['number as text', { kind: 'type', type: 'string', ...column('n') }, ['failed', 4, [2, 3, 5, 6]]],
    ['boolean', { kind: 'type', type: 'boolean', ...column('flag') }, ['passed', 0, []]],
    ['text as object', { kind: 'type', type: 'object', ...column('s') }, ['failed', 4, [2, 3, 5, 6]]],
  ];

  test('each counts exactly the rows that break it, and shows them', async () => {
    const list = [await table('things.csv', csv)];
    const found = await verdicts(
      list,
      cases.map(([, check]) => check),
    );
    expect(Object.fromEntries(cases.map(([name], at) => [name, found[at]]))).toEqual(
      Object.fromEntries(cases.map(([name, , wanted]) => [name, wanted])),
    );
  });

  test('a table without rows breaks none of them', async () => {
    const list = [await table('none.csv', 'n,x,s,day,at,flag,empty\n')];
    const found = await run(
      list,
      cases.map(([, check]) => rule(check)),
    );
    expect(found.map(({ failed, status }) => [status, failed])).toEqual(cases.map(() => ['passed', 0]));
  });

  test('JSON columns are looked into', async () => {
    const rows = [
      { o: { a: 1, b: 2 }, l: [1, 2] },
      { o: { b: 1 }, l: [1, 1, { a: 1 }] },
      { o: [1], l: {} },
      { o: null, l: [] },
    ];
    const list = [await table('deep.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'))];
    expect(
      await verdicts(list, [
        { kind: 'type', type: 'object', column: 'o' },
        { kind: 'type', type: 'array', column: 'l' },
        { kind: 'items', column: 'l', min: 1, max: 2 },
        { kind: 'unique_items', column: 'l' },
        { kind: 'members', column: 'o', min: 2 },
        { kind: 'member', column: 'o', name: 'a' },
      ]),
    ).toEqual([
      ['failed', 1, [3]],
      ['failed', 1, [3]],
      ['failed', 2, [2, 4]],
      ['failed', 1, [2]],
      ['failed', 1, [2]],
      ['failed', 1, [2]],
    ]);
  });
});

test('columns of any name are checked, and several objects are one', async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a name like any other
  const names = ['a"b', 'select', "'; drop table x; --", 'A', 'a', '${object}'];
  const header = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(',');
  const list = [
    await table('b.csv', `${header}\n1,2,3,4,5,6\n,,,,,\n`),
    await table(
      'a.csv',
      `${names
        .slice(0, 2)
        .map((name) => `"${name.replaceAll('"', '""')}"`)
        .join(',')},other\n7,8,x\n`,
    ),
  ];
  const found = await run(
    list,
    names.map((column) => rule({ kind: 'null', column })),
  );
  expect(found.map(({ failed }) => failed)).toEqual([1, 1, 2, 2, 2, 2]);
  expect(found[3]?.samples).toEqual([
    { object_key: 'b.csv', line: 3, ordinal: 1, text: 'null' },
    { object_key: 'a.csv', line: 2, ordinal: 0, text: 'null' },
  ]);
  const columns = await run(list, [rule({ kind: 'column', column: 'A' }), rule({ kind: 'column', column: 'B' })]);
  expect(columns).toMatchObject([
    { status: 'failed', checked: 2, failed: 1, samples: [{ object_key: 'a.csv' }] },
    { status: 'failed', failed: 2 },
  ]);
  const absent = await run(list, [
    rule({ kind: 'null', column: 'B' }),
    rule({ kind: 'duplicates', columns: ['a', 'B'] }),
  ]);
  expect(absent).toMatchObject([
    { status: 'failed', reason: 'no column B' },
    { status: 'failed', reason: 'no column B' },
  ]);
});

test('a measured value is compared, and a warning is no failure', async () => {
  const list = [await table('three.csv', 'n\n1\n1\n2\n3\n')];
  const to = (operator: Comparison['operator'], to: unknown): Partial<ContractRule> => ({ compare: { operator, to } });
  const duplicates: Check = { kind: 'duplicates', columns: ['n'] };
  const status = async (check: Check, more: Partial<ContractRule>) =>
    (await run(list, [rule(check, more)])).map(({ status, value }) => `${status} ${value}`)[0];
  expect(await status({ kind: 'rows' }, to('mustBe', 4))).toBe('passed 4');
  expect(await status({ kind: 'rows' }, to('mustBeBetween', [4, 10]))).toBe('failed 4');
  expect(await status({ kind: 'rows' }, to('mustBeBetween', [3, 5]))).toBe('passed 4');
  expect(await status({ kind: 'rows' }, to('mustNotBeBetween', [3, 5]))).toBe('failed 4');
  expect(await status({ kind: 'rows' }, to('mustNotBeBetween', [4, 5]))).toBe('passed 4');
  expect(await status({ kind: 'rows' }, to('mustBeGreaterOrEqualTo', 5))).toBe('failed 4');
  expect(await status(duplicates, to('mustBeLessThan', 2))).toBe('passed 1');
  expect(await status(duplicates, { ...to('mustBeLessOrEqualTo', 24), unit: 'percent' })).toBe('failed 25');
  expect(await status(duplicates, { ...to('mustNotBe', 1), severity: 'warning' })).toBe('warned 1');
});

test('queries run on the data alone', async () => {
  const list = [await table('q.csv', 'n,a b\n1,x\n2,y\n')];
  const ask = async (query: string, to: unknown, column?: string) =>
    (
      await run(list, [
        rule({ kind: 'sql', query, ...(column !== undefined && { column }) }, { compare: { operator: 'mustBe', to } }),
      ])
    )[0];
  // biome-ignore lint/suspicious/noTemplateCurlyInString: both ways of writing it
  expect(await ask("SELECT count(*) FROM ${object} WHERE {property} = 'x'", 1, 'a b')).toMatchObject({
    status: 'passed',
    value: 1,
  });
  expect(await ask('SELECT bool_and(n > 0) FROM things', true)).toMatchObject({ status: 'passed', value: true });
  expect(await ask('SELECT sum(n) FROM {object}', 4)).toMatchObject({ status: 'failed', value: 3 });
  expect(await ask('SELECT 1 WHERE false', 1)).toMatchObject({ status: 'failed' });
  for (const query of [
    'SELECT 1; SELECT 1',
    `COPY (SELECT 1) TO '${list[0]?.files[0]}'`,
    'CREATE TABLE t AS SELECT 1',
    'SET threads=8',
    "ATTACH '/tmp/x.db'",
    'INSTALL httpfs',
    "SELECT count(*) FROM read_text('/etc/passwd')",
    "SELECT count(*) FROM glob('/*')",
    "SELECT length(current_setting('allowed_paths')::VARCHAR)",
    'SELECT count(*) FROM duckdb_settings()',
    'PRAGMA database_size',
    'nonsense',
  ])
    expect(await ask(query, 1)).toMatchObject({ status: 'failed', reason: 'the query failed' });
  // What was refused harmed nothing.
  expect(await ask('SELECT count(*) FROM things', 2)).toMatchObject({ status: 'passed' });
});

test('references are looked up, whatever their types; null refers to nothing', async () => {
  const orders = await table('orders.csv', 'id,customer,shop\n1,1,a\n2,9,a\n3,,a\n4,2,b\n');
  const customers = await table('customers.jsonl', '{"id":"1","shop":"a"}\n{"id":"2","shop":"c"}\n');
  const groups = [
    { name: 'orders', tables: [orders] },
    { name: 'customers', tables: [customers] },
  ];
  const check = (columns: string[], toColumns: string[]) => rule({ kind: 'reference', columns, to: 1, toColumns });
  const { results } = await pool.run('contract', {
    groups,
    rules: [check(['customer'], ['id']), check(['customer', 'shop'], ['id', 'shop']), check(['customer'], ['no'])],
  });
  expect(results).toMatchObject([
    { status: 'failed', checked: 4, failed: 1, samples: [{ object_key: 'orders.csv', line: 3, text: '9' }] },
    { status: 'failed', failed: 2, samples: [{ line: 3 }, { line: 5 }] },
    { status: 'failed', reason: 'no column no' },
  ]);
});

test('the newest time must be young enough', async () => {
  const list = [await table('times.csv', 'at\n2026-01-01\n2026-01-03\n')];
  const check = (now: string): Check => ({ kind: 'latency', column: 'at', age: 86_400_000, now: Date.parse(now) });
  expect(await run(list, [rule(check('2026-01-04')), rule(check('2026-01-04T00:00:01Z'))])).toMatchObject([
    { status: 'passed', value: '2026-01-03T00:00:00.000Z' },
    { status: 'failed' },
  ]);
  const none = [await table('no-times.csv', 'at\n')];
  expect(await run(none, [rule(check('2026-01-04'))])).toMatchObject([{ status: 'failed' }]);
});

test('patterns that the engine lacks are told apart from those that it has', async () => {
  const { errors } = await pool.run('patterns', { patterns: ['^a+$', '(?=a)', '(a)\\1', '(', '(?<!a)b', '\\p{L}'] });
  expect(errors.map((error) => error === null)).toEqual([true, false, false, false, false, true]);
});

test('counts are those of plain code, for any values', async () => {
  const cell = fc.oneof(fc.constant(null), fc.integer({ min: -3, max: 3 }), fc.constant(9007199254740993n));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell), { maxLength: 30, size: 'max' }),
      fc.integer({ min: -3, max: 3 }),
      async (rows, n) => {
        const list = [
          await table('any.csv', `a,b\n${rows.map((row) => `${row[0] ?? ''},${row[1] ?? ''}\n`).join('')}`),
        ];
        const kept = rows; // a line of two empty fields is still a record
        const a = kept.map(([value]) => value);
        const present = a.filter((value) => value !== null);
        const pairs = kept.filter(([x, y]) => x !== null && y !== null).map(String);
        if (list[0]?.columns.some(({ type }) => type !== 'integer')) return;
        expect(
          (
            await verdicts(list, [
              { kind: 'null', column: 'a' },
              { kind: 'duplicates', columns: ['a'] },
              { kind: 'duplicates', columns: ['a', 'b'] },
              { kind: 'bound', bound: 'minimum', column: 'a', value: n },
              { kind: 'bound', bound: 'exclusiveMaximum', column: 'a', value: n },
              { kind: 'values', values: [n], column: 'a' },
              { kind: 'length', column: 'a', max: 1 },
            ])
          ).map(([, failed]) => failed),
        ).toEqual([
          a.length - present.length,
          present.length - new Set(present.map(String)).size,
          pairs.length - new Set(pairs).size,
          present.filter((value) => value < n).length,
          present.filter((value) => value >= n).length,
          present.filter((value) => String(value) !== String(n)).length,
          present.filter((value) => String(value).length > 1).length,
        ]);
      },
    ),
    { numRuns: 40 },
  );
});
