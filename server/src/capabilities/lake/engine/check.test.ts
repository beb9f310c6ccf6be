import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkObjects } from './check.ts';
import { createScratch, type Scratch } from './fixtures.ts';
import type { EngineColumn, EngineObject, ObjectCheck } from './protocol.ts';
import { readObject } from './read-objects.ts';

let scratch: Scratch;
beforeAll(async () => {
  scratch = await createScratch();
});
afterAll(() => scratch.remove());

// CSV and JSON need no native engine, so these run in the test process; Parquet is in pool.test.ts.
async function check(object: EngineObject, columns?: EngineColumn[]): Promise<ObjectCheck> {
  const { objects } = await checkObjects({ objects: [object], ...(columns ? { columns } : {}) }, 256, () => undefined);
  return objects[0] as ObjectCheck;
}

async function rowsOf(object: EngineObject, columns?: EngineColumn[]) {
  const reader = await readObject(object, { columns, withJson: true, memoryMb: 256 });
  const rows = [];
  for await (const batch of reader.batches())
    rows.push(...batch.rows.map(({ line, json }) => ({ line, row: JSON.parse(json) as unknown })));
  return rows;
}

describe('csv', () => {
  const columns: EngineColumn[] = [
    { name: 'id', type: 'integer' },
    { name: 'name', type: 'string' },
    { name: 'age', type: 'integer' },
  ];

  test('says line and reason of every broken row and keeps the good ones', async () => {
    const lines = [
      'id,name,age',
      '1,bob,5',
      '2,"a',
      'b",6',
      '3,x,old',
      '4,y',
      '5,z,1,2',
      '6,"open,7',
      '7,k,8',
      '',
      '8,"q"x,9',
    ];
    const object = await scratch.put('people.csv', `${lines.join('\r\n')}\r\n`);
    const result = await check(object, columns);
    expect(result.rows).toBe(3);
    expect(result.rejected).toBe(5);
    expect(result.rejects).toEqual([
      { line: 5, column: 'age', reason: 'cast', text: '3,x,old' },
      { line: 6, reason: 'too_few_columns', text: '4,y' },
      { line: 7, reason: 'too_many_columns', text: '5,z,1,2' },
      { line: 8, reason: 'unquoted_value', text: '6,"open,7' },
      { line: 11, reason: 'unquoted_value', text: '8,"q"x,9' },
    ]);
    expect(await rowsOf(object, columns)).toEqual([
      { line: 2, row: { id: 1, name: 'bob', age: 5 } },
      { line: 3, row: { id: 2, name: 'a\r\nb', age: 6 } },
      { line: 9, row: { id: 7, name: 'k', age: 8 } },
    ]);
  });

  test('a quote that is never closed costs one line', async () => {
    const rows = Array.from({ length: 5000 }, (_, index) => `${index},name ${index},${index}`);
    rows[10] = '10,"name,10';
    const result = await check(await scratch.put('open.csv', `id,name,age\n${rows.join('\n')}\n`));
    expect(result).toMatchObject({ rows: 4999, rejected: 1, columns });
    expect(result.rejects).toEqual([{ line: 12, reason: 'unclosed_quote', text: '10,"name,10' }]);
  });

  test('line numbers and conservation hold across the chunks in which a file is read', async () => {
    const rows = Array.from({ length: 60_000 }, (_, index) =>
      index % 1000 === 7 ? `${index},broken` : `${index},"line one ${'x'.repeat(20)}\nline ""two""",${index}`,
    );
    const object = await scratch.put('large.csv', `id,name,age\n${rows.join('\n')}`);
    const result = await check(object);
    expect(result).toMatchObject({ rows: 59_940, rejected: 60 });
    expect(result.rejects[59]).toMatchObject({ line: 2 + 59_007 * 2 - 59 });
    const last = (await rowsOf(object)).at(-1);
    expect(last?.line).toBe(2 + 59_999 * 2 - 60);
  });

  test('finds other delimiters, gzip, a byte order mark, missing names and a missing header', async () => {
    const semicolon = await scratch.put('a.csv', '\ufeffname;price\na, b;1.5\nc;2\n');
    expect((await check(semicolon)).columns).toEqual([
      { name: 'name', type: 'string' },
      { name: 'price', type: 'number' },
    ]);
    expect(await check(await scratch.put('a.tsv', 'a\tb\n1\tx,y\n'))).toMatchObject({ rows: 1, rejected: 0 });
    const zipped = await scratch.put('a.csv.gz', gzipSync('a,,a\n1,2,3\n'));
    expect((await check(zipped)).columns.map(({ name }) => name)).toEqual(['a', 'column1', 'a_1']);
    const bare = await check(await scratch.put('bare.csv', '1,2.5\n2,3.5\n'));
    expect(bare).toMatchObject({ rows: 2, columns: [{ name: 'column0' }, { name: 'column1' }] });
    expect(await check(await scratch.put('empty.csv', ''))).toMatchObject({ rows: 0, rejected: 0, columns: [] });
    expect(await check(await scratch.put('mac.csv', 'a,b\r1,2\r3,4\r'))).toMatchObject({ rows: 2, rejected: 0 });
  });

  test('lines that are no UTF-8 are rejected alone', async () => {
    const bytes = Buffer.concat([Buffer.from('a,b\n1,x\n2,'), Buffer.from([0xff]), Buffer.from('\n3,\ufffd\n')]);
    const result = await check(await scratch.put('latin.csv', bytes));
    expect(result).toMatchObject({ rows: 2, rejected: 1, rejects: [{ line: 3, reason: 'invalid_encoding' }] });
  });

  const plain = fc.string({ unit: fc.constantFrom('a', 'ü', '😀', ' ', '.', '0', "'", '\\', '\t'), maxLength: 6 });
  const hard = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r\n', '漢', '|', ';'), maxLength: 8 });
  const good = fc.tuple(fc.integer({ min: 0, max: 999 }), fc.oneof(plain, hard), plain).map(([id, text, more]) => {
    const quoted = `"${text.replaceAll('"', '""')}"`;
    const lines = `${id},${/[",\r\n]/.test(text) ? quoted : text},x${more}`;
    return { lines, fields: { id, text: text === '' ? null : text, more: `x${more}` } };
  });
  const broken = fc
    .constantFrom('1,a', '1,a,b,c', 'one,a,b', '1,"a"b,c', ',,,,')
    .map((lines) => ({ lines, fields: undefined }));
  const blank = fc.constant({ lines: '', fields: null });
  const typed: EngineColumn[] = [
    { name: 'id', type: 'integer' },
    { name: 'text', type: 'string' },
    { name: 'more', type: 'string' },
  ];

  test('property: every record is a row or a reject, at its physical line', async () => {
    const records = fc.array(fc.oneof({ weight: 5, arbitrary: good }, broken, blank), { maxLength: 30, size: 'max' });
    await fc.assert(
      fc.asyncProperty(records, fc.constantFrom('\n', '\r\n'), fc.boolean(), async (list, end, ended) => {
        const expected = { rows: [] as unknown[], rejects: [] as unknown[] };
        let line = 2;
        for (const { lines, fields } of list) {
          if (fields) expected.rows.push({ line, row: fields });
          else if (fields === undefined) expected.rejects.push({ line, text: lines });
          line += lines.split('\n').length;
        }
        const body = ['id,text,more', ...list.map(({ lines }) => lines)].join(end) + (ended ? end : '');
        const object = await scratch.put('property.csv', body);
        const result = await check(object, typed);
        expect(result.rejects.map(({ line, text }) => ({ line, text }))).toEqual(expected.rejects);
        expect(result.rejected).toBe(expected.rejects.length);
        expect(await rowsOf(object, typed)).toEqual(expected.rows);
      }),
      { numRuns: 300 },
    );
  });

  test('property: in a file of arbitrary quotes each line is accounted for', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', '"', ',', '""', 'b"'), minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 20, size: 'max' }), async (lines) => {
        const object = await scratch.put('quotes.csv', ['id,text,more', ...lines].join('\n'));
        const result = await check(
          object,
          typed.map(({ name }) => ({ name, type: 'string' })),
        );
        const rows = await rowsOf(
          object,
          typed.map(({ name }) => ({ name, type: 'string' })),
        );
        const starts = [...rows.map((row) => row.line), ...result.rejects.map((reject) => reject.line)];
        const inner = rows.reduce((sum, { row }) => sum + newlines(Object.values(row as object)), 0);
        const broken = result.rejects.reduce((sum, { text }) => sum + newlines([text]), 0);
        expect(new Set(starts).size).toBe(starts.length);
        expect(result.rows + result.rejected + inner + broken).toBe(lines.length);
      }),
      { numRuns: 300 },
    );
  });
});

// What the reader promises for integers that a double would round.
function largeAsText(_key: string, value: unknown): unknown {
  return typeof value === 'number' && /^-?\d{16,}$/.test(String(value)) && !Number.isSafeInteger(value)
    ? String(value)
    : value;
}

function newlines(values: unknown[]): number {
  return values.reduce<number>((sum, value) => sum + String(value ?? '').split('\n').length - 1, 0);
}

describe('json', () => {
  test('property: each line of JSONL is a row or a reject, at its line', async () => {
    const name = fc.constantFrom('a', 'ü', '__proto__', 'x y');
    const good = fc
      .dictionary(name, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
      .map((value) => JSON.stringify(value));
    const broken = fc.constantFrom('{"a":', '[1]', '7', 'null', '{"a":1}}', '"x', 'nope', '{a:1}');
    const lines = fc.array(fc.oneof({ weight: 4, arbitrary: good }, broken, fc.constantFrom('', '  ')), {
      maxLength: 25,
      size: 'max',
    });
    await fc.assert(
      fc.asyncProperty(lines, async (list) => {
        const object = await scratch.put('property.jsonl', list.join('\n'));
        const isGood = (text: string) => {
          try {
            const value: unknown = JSON.parse(text);
            return typeof value === 'object' && value !== null && !Array.isArray(value);
          } catch {
            return false;
          }
        };
        const at = (wanted: boolean) =>
          list.flatMap((text, index) => (text.trim() !== '' && isGood(text) === wanted ? [index + 1] : []));
        const columns: EngineColumn[] = [{ name: 'a', type: 'json' }];
        const result = await check(object, columns);
        expect(result.rejects.map(({ line }) => line)).toEqual(at(false));
        const rows = await rowsOf(object, columns);
        expect(rows.map(({ line }) => line)).toEqual(at(true));
        for (const { line, row } of rows) expect(row).toEqual(JSON.parse(list[(line ?? 0) - 1] as string, largeAsText));
      }),
      { numRuns: 200 },
    );
  });

  test('reasons, large integers, mixed types and very deep values', async () => {
    const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    const text = `{"a":9007199254740993,"t":"2024-01-02T03:04:05+01:00"}\n{"a":\n[1]\n{"a":"x"}\n${deep}\n`;
    const columns: EngineColumn[] = [
      { name: 'a', type: 'integer' },
      { name: 't', type: 'timestamp' },
    ];
    const object = await scratch.put('mixed.jsonl', text);
    const result = await check(object, columns);
    expect(result.rows).toBe(1);
    expect(result.rejects.map(({ line, reason }) => [line, reason])).toEqual([
      [2, 'invalid_json'],
      [3, 'not_an_object'],
      [4, 'cast'],
      [5, expect.stringMatching(/cast|other|invalid_json/)],
    ]);
    expect(await rowsOf(object, columns)).toEqual([
      { line: 1, row: { a: '9007199254740993', t: '2024-01-02T02:04:05.000Z' } },
    ]);
  });

  test('an array, pretty or not, with broken elements between good ones', async () => {
    const text = '[\n  {"a": 1,\n   "b": "]},"},\n  {a: 2}, 5, {"a": 3}\n]\n';
    const object = await scratch.put('array.json', text);
    const result = await check(object);
    expect(result.rejects.map(({ line, reason }) => [line, reason])).toEqual([
      [4, 'invalid_json'],
      [4, 'not_an_object'],
    ]);
    expect((await rowsOf(object)).map(({ line, row }) => [line, row])).toEqual([
      [2, { a: 1, b: ']},' }],
      [4, { a: 3 }],
    ]);
  });

  test('objects one after the other, a cut array and an unclosed element', async () => {
    expect(await check(await scratch.put('many.json', '{"a":1}\n{"a":2}\n{"a":\n'))).toMatchObject({
      rows: 2,
      rejected: 1,
    });
    expect(await check(await scratch.put('pretty.json', '{\n"a":1}\n{\n"a":2}'))).toMatchObject({
      rows: 2,
      rejected: 0,
    });
    expect(await check(await scratch.put('cut.json', '[{"a":1},\n{"a":2},'))).toMatchObject({ rows: 2, rejected: 1 });
    expect(await check(await scratch.put('open.json', '[{"a":1},\n{"a":2'))).toMatchObject({
      rows: 1,
      rejects: [{ line: 2, reason: 'invalid_json' }],
    });
    expect(await check(await scratch.put('empty.json', ' \n'))).toMatchObject({ rows: 0, rejected: 0 });
  });

  test('property: an array of objects reads the same however it is laid out', async () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(object, { maxLength: 8 }), fc.constantFrom(0, 1, 2), async (list, indent) => {
        const file = await scratch.put('layout.json', JSON.stringify(list, null, indent));
        expect((await rowsOf(file, [])).map(({ row }) => row)).toEqual(JSON.parse(JSON.stringify(list), largeAsText));
      }),
      { numRuns: 150 },
    );
  });
});

test('text is cut at paragraphs and headings, long ones in pieces', async () => {
  const long = 'word '.repeat(1000).trim();
  const object = await scratch.put('guide.md', `# Title\n\nFirst line\nsecond line\n\n## Next\nMore\n\n${long}\n`);
  const rows = await rowsOf(object);
  expect(rows.slice(0, 2)).toEqual([
    { line: 1, row: { text: '# Title\nFirst line\nsecond line' } },
    { line: 6, row: { text: '## Next\nMore' } },
  ]);
  const rest = rows.slice(2).map(({ row }) => (row as { text: string }).text);
  expect(rest.every((text) => text.length <= 2000)).toBe(true);
  expect(rest.join(' ')).toBe(long);
});
