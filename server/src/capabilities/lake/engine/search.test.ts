import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createScratch, createTestPool, type Scratch } from './fixtures.ts';
import type { EnginePool } from './pool.ts';
import type { EngineColumn, EngineObject, IndexMapping, IndexRef, SearchInput, SearchItem } from './protocol.ts';

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

const newIndex = (): IndexRef => ({ dir: `${scratch.dir}/index`, table: `t${tables++}` });
const search = (index: IndexRef, query: string, more: Partial<SearchInput> = {}) =>
  pool.run('search', { index, query, mode: 'text', limit: 10, offset: 0, ...more });
const all = (index: IndexRef) => search(index, '', { limit: 1000 });
const describeOne = async (object: EngineObject) =>
  (await pool.run('describe', { objects: [object] })).objects[0]?.columns ?? [];
const ingest = (
  object: EngineObject,
  columns: readonly EngineColumn[],
  index: IndexRef,
  mapping: IndexMapping = {},
  after = 0,
) => pool.run('ingest', { object, columns, index, after, mapping, datasetId: 'ds_1' });
const byLine = (items: readonly SearchItem[]) =>
  [...items].sort((a, b) => (a.line ?? 0) - (b.line ?? 0)).map(({ line, row }) => ({ line, row }));

const people = [
  { id: 1, name: 'Ada Lovelace', note: 'wrote programs', born: '1815-12-10', score: 1.5, ok: true },
  { id: 2, name: 'Alan Turing', note: 'broke ciphers,\nran far', born: '1912-06-23', score: null, ok: false },
  { id: 3, name: 'Grace Hopper', note: 'wrote a "compiler"', born: '1906-12-09', score: -2, ok: true },
];
const csv = `id,name,note,born,score,ok\n${people
  .map((p) => `${p.id},${p.name},"${p.note.replaceAll('"', '""')}",${p.born},${p.score ?? ''},${p.ok}`)
  .join('\n')}\n`;

describe('round trip', () => {
  const types = ['integer', 'string', 'string', 'date', 'number', 'boolean'];
  test.each([
    ['people.csv', csv, [2, 3, 5]],
    ['people.jsonl', people.map((row) => JSON.stringify(row)).join('\n'), [1, 2, 3]],
    ['people.json', JSON.stringify(people, null, 1), [2, 10, 18]],
  ])('%s is described, checked, ingested and found', async (key, content, lines) => {
    const object = await scratch.put(key, content);
    const columns = await describeOne(object);
    expect(columns.map(({ type }) => type)).toEqual(types);
    const checked = await pool.run('check', { objects: [object], columns });
    expect(checked.objects[0]).toMatchObject({ rows: 3, rejected: 0, rejects: [] });

    const index = newIndex();
    expect(await ingest(object, columns, index)).toMatchObject({ inserted: 3, updated: 0, rejected: 0, rejects: [] });
    expect(await pool.run('finish_index', { index, expectedRows: 3 })).toEqual({ rows: 3 });
    const rows = people.map((row, n) => ({ line: lines[n], row }));
    expect(byLine((await all(index)).items)).toEqual(rows);

    const found = await search(index, 'writing program');
    expect(found.items[0]).toMatchObject({ row: people[0], object_key: key, line: lines[0] });
    expect(found.items[0]?.score).toBeGreaterThan(0);
    const filtered = await search(index, '', { filter: { born: { gte: '1900-01-01' }, ok: true } });
    expect(filtered.items.map(({ row }) => row.id)).toEqual([3]);
    expect((await search(index, 'wrote', { filter: { id: { gt: 1 } } })).items.map(({ row }) => row.id)).toEqual([3]);
  });

  test('Parquet, with every kind of type', async () => {
    const object = await scratch.putParquet(
      'types.parquet',
      `SELECT i::BIGINT AS id, 'row ' || i AS name, 9007199254740993 AS big, 1.25::DECIMAL(10,2) AS dec,
        12345678901234567890.12::DECIMAL(30,2) AS wide, DATE '2024-01-02' AS day,
        TIMESTAMP '2024-01-02 03:04:05.678' AS at, 'NaN'::DOUBLE AS nan, {'x': 9007199254740993, 'y': 'inf'::DOUBLE} AS nested,
        [1, 2] AS list, 'ab'::BLOB AS bytes, i % 2 = 0 AS even, NULL::INTEGER AS none, 'infinity'::TIMESTAMP AS never
        FROM range(5000) t(i)`,
    );
    const columns = await describeOne(object);
    expect(Object.fromEntries(columns.map(({ name, type }) => [name, type]))).toEqual({
      id: 'integer',
      name: 'string',
      big: 'integer',
      dec: 'number',
      wide: 'number',
      day: 'date',
      at: 'timestamp',
      nan: 'number',
      nested: 'json',
      list: 'json',
      bytes: 'string',
      even: 'boolean',
      none: 'integer',
      never: 'timestamp',
    });
    const checked = await pool.run('check', { objects: [object] });
    expect(checked.objects[0]).toMatchObject({ rows: 5000, rejected: 0 });
    const index = newIndex();
    expect((await ingest(object, columns, index, { id: 'id', text: ['name'] })).inserted).toBe(5000);
    await pool.run('finish_index', { index, expectedRows: 5000 });
    const { items } = await search(index, '4711');
    expect(items).toEqual([
      {
        id: '4711',
        score: expect.any(Number),
        object_key: 'types.parquet',
        line: null,
        row: {
          id: 4711,
          name: 'row 4711',
          big: '9007199254740993',
          dec: 1.25,
          wide: '12345678901234567890.12',
          day: '2024-01-02',
          at: '2024-01-02T03:04:05.678Z',
          nan: null,
          nested: { x: '9007199254740993', y: null },
          list: [1, 2],
          bytes: 'YWI=',
          even: false,
          none: null,
          never: null,
        },
      },
    ]);
    expect((await search(index, '', { filter: { big: '9007199254740993', id: { lt: 3 } } })).items.length).toBe(3);
  });

  test('text, by paragraph', async () => {
    const object = await scratch.put('guide.md', '# Ovens\n\nHeat the oven.\n\n# Bread\n\nKnead the dough.\n');
    const index = newIndex();
    await ingest(object, await describeOne(object), index);
    await pool.run('finish_index', { index });
    expect((await search(index, 'kneading')).items).toMatchObject([
      { line: 5, row: { text: '# Bread\nKnead the dough.' } },
    ]);
  });
});

describe('ingest', () => {
  const columns: EngineColumn[] = [
    { name: 'id', type: 'string' },
    { name: 'n', type: 'integer' },
  ];

  test('repeating it changes nothing, broken rows are told', async () => {
    const object = await scratch.put('a.csv', 'id,n\na,1\nb,two\nc,3\n');
    const index = newIndex();
    const first = await ingest(object, columns, index);
    const { version: _, ...counts } = first;
    expect(counts).toEqual({
      inserted: 2,
      updated: 0,
      rejected: 1,
      rejects: [{ line: 3, column: 'n', reason: 'cast', text: 'b,two' }],
    });
    const before = await all(index);
    expect(await ingest(object, columns, index)).toMatchObject(counts);
    await pool.run('finish_index', { index, expectedRows: 2 });
    expect(await ingest(object, columns, index)).toMatchObject(counts);
    await pool.run('finish_index', { index, expectedRows: 2 });
    expect(await all(index)).toEqual(before);
  });

  test('an id column makes the last row win and rows without one be rejected', async () => {
    const index = newIndex();
    const a = await scratch.put('a.csv', 'id,n\nx,1\nx,2\n,3\ny,4\n');
    const b = await scratch.put('b.csv', 'id,n\ny,5\nz,6\n');
    const first = await ingest(a, columns, index, { id: 'id' });
    expect(first).toMatchObject({
      inserted: 2,
      updated: 1,
      rejected: 1,
      rejects: [{ line: 4, column: 'id', reason: 'missing_id' }],
    });
    // Repeated, as after a crash: rows of the first object that the second replaced come back before they are replaced.
    for (let time = 0; time < 2; time += 1) {
      const second = await ingest(b, columns, index, { id: 'id' }, first.version);
      expect(second).toMatchObject({ inserted: 1, updated: 1, rejected: 0 });
    }
    const rows = (await all(index)).items.map(({ id, row, object_key }) => [id, row.n, object_key]);
    expect(rows).toEqual([
      ['x', 2, 'a.csv'],
      ['y', 5, 'b.csv'],
      ['z', 6, 'b.csv'],
    ]);
  });

  test('progress is told, an unknown mapping is refused, a wrong count fails', async () => {
    const text = Array.from({ length: 25_000 }, (_, n) => `k${n},${n}`).join('\n');
    const object = await scratch.put('many.csv', `id,n\n${text}\n`);
    const index = newIndex();
    const seen: number[] = [];
    const input = { object, columns, index, after: 0, mapping: {}, datasetId: 'ds_1' };
    await pool.run('ingest', input, { onProgress: ({ rows }) => seen.push(rows) });
    expect(seen).toEqual([10_000, 20_000, 25_000]);
    await expect(ingest(object, columns, index, { id: 'nope' })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      suggestion: expect.stringContaining('id, n'),
    });
    await expect(pool.run('finish_index', { index, expectedRows: 1 })).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      details: { rows: 25_000, expected_rows: 1 },
    });
  });

  test('columns are matched by name, missing ones are null, others stay in the row', async () => {
    const index = newIndex();
    const object = await scratch.put('b.csv', 'n,extra,__proto__\n7,more,p\n');
    await ingest(object, columns, index);
    const { items } = await search(index, '', { filter: { n: 7, id: null } });
    expect(items.map(({ row }) => JSON.stringify(row))).toEqual(['{"n":7,"extra":"more","__proto__":"p"}']);
  });

  test('an empty object makes an empty index', async () => {
    const index = newIndex();
    await ingest(await scratch.put('e.csv', 'id,n\n'), columns, index);
    expect(await pool.run('finish_index', { index, expectedRows: 0 })).toEqual({ rows: 0 });
    expect(await search(index, 'x')).toEqual({ items: [], more: false });
  });
});

describe('search', () => {
  test('pages of equal scores neither overlap nor miss a row, and two processes agree', async () => {
    const rows = Array.from({ length: 700 }, (_, n) => `${n},${n % 7 === 0 ? 'rare common' : 'common'}`).join('\n');
    const object = await scratch.put('ties.csv', `n,words\n${rows}\n`);
    const index = newIndex();
    await ingest(object, await describeOne(object), index);
    await pool.run('finish_index', { index, expectedRows: 700 });
    for (const query of ['common', 'common rare', '']) {
      const pages = await Promise.all(
        Array.from({ length: 15 }, (_, page) => search(index, query, { limit: 50, offset: page * 50 })),
      );
      const ids = pages.flatMap(({ items }) => items.map(({ id }) => id));
      expect(ids.length).toBe(700);
      expect(new Set(ids).size).toBe(700);
      expect(pages.map(({ more }) => more)).toEqual(pages.map((_, page) => page < 13));
    }
  });

  test('a query is data: syntax finds nothing and breaks nothing', async () => {
    const index = newIndex();
    await ingest(await scratch.put('q.csv', 'a,b\nx,plain words\n'), [{ name: 'b', type: 'string' }], index);
    await pool.run('finish_index', { index });
    for (const query of ['"', "' OR 1=1 --", 'a:b^2~', '\0', '((', '\ud800', 'the', '*', 'x'.repeat(50_000)])
      expect((await search(index, query)).items).toEqual([]);
    expect((await search(index, 'text:"plain" AND ((words')).items.length).toBe(1);
  });

  test('sees what other processes write, drop and make anew', async () => {
    const index = newIndex();
    const other = createTestPool({ size: 1 });
    const reader = (query: string) =>
      other.run('search', { index, query, mode: 'text', limit: 10, offset: 0 }).then(({ items }) => items.length);
    const fill = async (text: string, columns: EngineColumn[]) => {
      await ingest(await scratch.put('w.csv', text), columns, index);
      await pool.run('finish_index', { index });
    };
    try {
      await fill('a\nfirst\n', [{ name: 'a', type: 'string' }]);
      expect(await reader('first')).toBe(1);
      await fill('a\nsecond\n', [{ name: 'a', type: 'string' }]);
      expect([await reader('first'), await reader('second')]).toEqual([0, 1]);
      expect(await pool.run('drop_index', { index })).toEqual({ dropped: true });
      expect(await pool.run('drop_index', { index })).toEqual({ dropped: false });
      await expect(reader('second')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await fill('b,c\nthird,1\nthird,2\n', [{ name: 'b', type: 'string' }]);
      expect([await reader('second'), await reader('third')]).toEqual([0, 2]);
      await pool.run('drop_index', { index });
      await fill('d,e\n1,fourth\n', [
        { name: 'd', type: 'integer' },
        { name: 'e', type: 'string' },
      ]);
      expect([await reader('third'), await reader('fourth')]).toEqual([0, 1]);
    } finally {
      await other.close();
    }
  });
});
