import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyCsv } from './copy-csv.ts';
import { bothWays } from './copy-fixtures.ts';
import { countPlainLines } from './csv-lines.ts';
import { createScratch, type Scratch } from './fixtures.ts';
import type { EngineColumn, EngineObject } from './protocol.ts';

let scratch: Scratch;
let count = 0;
beforeAll(async () => {
  scratch = await createScratch();
});
afterAll(() => scratch.remove());

const both = (object: EngineObject, columns?: readonly EngineColumn[]) =>
  bothWays(scratch, { object, ...(columns && { columns }) }, copyCsv);

function wrongSum(packed: Buffer): Buffer {
  packed.writeUInt32LE(packed.readUInt32LE(packed.length - 8) ^ 1, packed.length - 8);
  return packed;
}

test.each([
  ['plain values', 'id,x,s,b,d,t\n1,1.5,a,true,2026-01-02,2026-01-02T03:04:05.006Z\n-2,.5e3,,FALSE,,\n'],
  ['no end of the last line', 'a,b\n1,2\n3,4'],
  ['CRLF', 'a,b\r\n1,"x, ""y"""\r\n3,4\r\n'],
  ['no header', '1,2\n3,4\n'],
  ['one column', 'a\n1\n2\n'],
  ['a tab', 'a\tb\n1\tx y\n'],
  ['spaces', 'a,b\n x , y\n'],
  ['negative nought and long fractions', 'a\n-0.0\n0.1234567890123456789\n1e-99\n'],
  ['quoted nothing', 'a,b\n"",""\n1,x\n'],
  ['gzip', gzipSync('a,b\n1,x\n2,y\n')],
  ['gzip in two members', Buffer.concat([gzipSync('a,b\n1,x\n2,'), gzipSync('y\n3,z\n')])],
  ['other scripts', 'naïve,ключ\n"日本, 語",😀\n'],
])('takes the fast way with %s, to the same rows', async (_, text) => {
  const { fast, own } = await both(await scratch.put('a.csv', text as string));
  expect(fast).toBeDefined();
  expect(fast).toEqual(own);
});

test.each([
  ['a byte order mark', '\ufeffa,b\n1,2\n'],
  ['a blank line', 'a,b\n\n1,2\n'],
  ['a blank line with a return', 'a,b\r\n\r\n1,2\r\n'],
  ['mixed line ends', 'a,b\r\n1,2\n'],
  ['a return inside', 'a,b\n1,x\ry\n'],
  ['a value over two lines', 'a,b\n1,"x\ny"\n'],
  ['a quote inside', 'a,b\n1,x"y\n'],
  ['text behind a quote', 'a,b\n1,"x"y\n'],
  ['a space behind a quote', 'a,b\n1,"x" \n'],
  ['a quote that is never closed', 'a,b\n1,"x\n'],
  ['too few fields', 'a,b\n1\n'],
  ['too many fields', 'a,b\n1,2,3\n'],
  ['a delimiter too many at the end of a line', 'a,b\n1,2,\n'],
  ['one delimiter in a single column', 'a\n,\n'],
  ['a NUL', 'a,b\n1,\0\n'],
  ['bytes that are no UTF-8', Buffer.from([97, 44, 98, 10, 49, 44, 255, 10])],
  ['what only begins like gzip', Buffer.from([0x1f, 0x8b, 8, 0])],
  ['gzip that is cut off', gzipSync('a,b\n1,2\n').subarray(0, -9)],
  ['gzip with a wrong sum', wrongSum(gzipSync('a,b\n1,2\n'))],
])('leaves %s to our own reader', async (_, text) => {
  const object = await scratch.put('a.csv', text as string);
  expect(
    await copyCsv({ object, dir: join(scratch.dir, `odd${count++}`) }, 1024).catch(() => undefined),
  ).toBeUndefined();
});

test('values that the engine would take and we do not are left to our own reader', async () => {
  const column = (type: EngineColumn['type']) => [{ name: 'a', type }];
  const odd: [EngineColumn['type'], string[]][] = [
    ['integer', ['1e2', '1e3', '1.5', '0x1F', '1_000', ' 12', '9223372036854775808', 'x']],
    ['number', ['1_000', '+-5', 'nan', 'inf', '1e999', '0x10', ' 1.5']],
    ['boolean', ['1', 't', 'yes', 'on', ' true', 'tRUE']],
    ['date', ['2026-1-2', '2026/01/02', '2026-01-02 (BC)', '2026-02-30', '0000-01-01', 'infinity', '12026-01-01']],
    [
      'timestamp',
      [
        '12026-01-01 00:00:00',
        '0044-03-15 (BC) 00:00:00',
        'infinity',
        '2026-01-01 10:00:00.123456',
        '2026-01-01T24:00:00',
        '2026-01-01T10:00:60',
        '2026-01-01 10:00',
        '2026-01-01T10:00:00.1234Z',
        '2026-01-01',
      ],
    ],
  ];
  for (const [type, values] of odd) {
    for (const value of values) {
      const object = await scratch.put('a.csv', `a\n${value}\n`);
      expect([value, (await both(object, column(type))).fast]).toEqual([value, undefined]);
    }
  }
});

test('a file of many chunks keeps its order, lines and places', async () => {
  const lines = Array.from({ length: 300_000 }, (_, n) => `${n},${'x'.repeat(n % 40)},${n / 8}`);
  const { fast, own } = await both(await scratch.put('many.csv', `n,s,x\n${lines.join('\n')}\n`));
  expect(fast?.rows).toHaveLength(300_000);
  expect(fast).toEqual(own);
  expect(await countPlainLines(Readable.from([Buffer.from(lines.join('\n'))]), ',', 3)).toBe(300_000);
});

test('whatever a file holds, the fast way gives the same or nothing', async () => {
  const field = fc.oneof(
    fc.constantFrom(
      '',
      '1',
      '-1',
      '007',
      '+5',
      '1.5',
      '1e3',
      '1_0',
      'nan',
      'true',
      'False',
      'on',
      '2026-01-02',
      '2026-1-2',
    ),
    fc.constantFrom(
      '2026-01-02T03:04:05Z',
      '2026-01-02 03:04',
      '0x1',
      ' 1 ',
      '"q"',
      '"a""b"',
      '"a,b"',
      '"',
      'a"b',
      '"x" ',
      '""',
    ),
    fc.constantFrom(
      '9007199254740993',
      '-9223372036854775808',
      '2026-01-02 03:04:05.5',
      '12026-01-02 00:00:00',
      'infinity',
      '1e2',
      '9223372036854775807',
      '99999999999999999999',
      '\\N',
      'NULL',
      '#',
      "'",
      '\u00a01',
      'é',
    ),
    fc.string({ maxLength: 4 }),
  );
  // Most files hold one kind of value and few that are odd: of others the fast way takes hardly any.
  const kinds = [
    ['1', '-1', '42', ''],
    ['1.5', '-0.25', '1e3', ''],
    ['true', 'False', ''],
    ['2026-01-02', ''],
    ['2026-01-02T03:04:05Z', '2026-01-02 03:04:05.5', ''],
    ['a b', 'é', '"q"', '"a""b"', ''],
  ];
  const rowsOf = (value: fc.Arbitrary<string>) =>
    fc.array(fc.array(value, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 });
  const likely = fc
    .constantFrom(...kinds)
    .chain((kind) => rowsOf(fc.oneof({ weight: 30, arbitrary: fc.constantFrom(...kind) }, field)));
  const file = fc.tuple(
    fc.constantFrom(',', '\t', ';', '|'),
    fc.constantFrom('\n', '\n', '\n', '\r\n', '\r', '\n\n'),
    fc.oneof({ weight: 3, arbitrary: likely }, rowsOf(field)),
    fc.boolean(),
  );
  const types = fc.option(fc.constantFrom('integer', 'number', 'boolean', 'date', 'timestamp', 'string'), {
    nil: undefined,
    freq: 1,
  });
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(file, types, fc.boolean(), async ([delimiter, end, rows, ended], type, packed) => {
      const width = rows[0]?.length ?? 1;
      const same = rows.map((row, at) => (at % 5 === 4 ? row : [...row, 'x', 'x'].slice(0, width)));
      const header = Array.from({ length: width }, (_, n) => `n${n}`).join(delimiter);
      const text = [header, ...same.map((row) => row.join(delimiter))].join(end) + (ended ? end : '');
      const columns =
        type && Array.from({ length: width }, (_, n) => ({ name: `n${n}`, type: type as EngineColumn['type'] }));
      const { fast, own } = await both(await scratch.put('any.csv', packed ? gzipSync(text) : text), columns);
      if (!fast) return;
      taken += 1;
      expect(fast).toEqual(own);
    }),
    { numRuns: 120 },
  );
  expect(taken).toBeGreaterThan(0);
});
