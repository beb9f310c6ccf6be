import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMarkerParser } from './markers.ts';

const token = '0123456789abcdef';
const rs = '\x1e';
const mark = (text: string, by = token) => `\x1e${by} ${text}\x1e\n`;

/** The stream as one list: text, and markers as `<kind step>`. */
function parse(text: string | Buffer, lengths: readonly number[] = []): string {
  let out = '';
  const parser = createMarkerParser(token, {
    data: (bytes) => {
      out += bytes.toString('latin1');
    },
    marker: (marker) => {
      out += `<${marker.kind}${marker.kind === 'final' ? '' : ` ${marker.step}`}>`;
    },
  });
  const bytes = Buffer.isBuffer(text) ? text : Buffer.from(text, 'latin1');
  let at = 0;
  for (const length of [...lengths, bytes.length]) {
    parser.push(bytes.subarray(at, at + length));
    at += length;
  }
  parser.end();
  return out;
}

const whole = `${mark('b 0 1.00')}one${mark('e 0 0 1.50')}${mark('b 1 1.50')}two${mark('e 1 3 2.00')}${mark('f 3 1000 2048 2.00')}`;

test('a stream is cut into its steps, byte by byte', () => {
  expect(parse(whole)).toBe('<begin 0>one<end 0><begin 1>two<end 1><final>');
});

test('it makes no difference where the chunks end', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (lengths) => {
      expect(parse(whole, lengths)).toBe(parse(whole));
    }),
  );
});

test('whatever a command prints stays what it printed, unless it knows the token', () => {
  const piece = fc.constantFrom(
    '\x1e',
    token,
    ' ',
    'b 0 1',
    '\n',
    'x',
    `\x1e${token}`,
    `\x1e${token.slice(0, 7)}`,
    'f 0 0 0 0',
  );
  const output = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
  const lengths = fc.array(fc.nat(30));
  fc.assert(
    fc.property(
      output.filter((text) => !new RegExp(`${rs}${token} [bef] [^${rs}]*${rs}`).test(text + rs)),
      lengths,
      (text, cuts) => {
        const end = text.endsWith('\x1e') ? '.' : '';
        expect(parse(`${mark('b 0 1')}${text}${end}${mark('e 0 0 2')}`, cuts)).toBe(`<begin 0>${text}${end}<end 0>`);
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  ['another token', mark('b 0 1', 'ffffffffffffffff')],
  ['a word', mark('x 0 1')],
  ['a code beyond bytes', mark('f 256 0 0 1')],
  ['no number', mark('b zero 1')],
  ['a missing figure', mark('b 0')],
  ['a negative step', mark('b -1 1')],
  ['half a step', mark('b 0.5 1')],
  ['no end', `\x1e${token} b 0 1${' '.repeat(300)}`],
])('%s is no marker', (_, text) => {
  expect(parse(text)).toBe(text);
});

test('steps go forward only: one that is over does not come again', () => {
  const text = `${mark('b 1 1')}${mark('b 0 1')}${mark('e 1 0 1')}${mark('e 1 7 1')}${mark('b 1 1')}${mark('f 0 0 0 1')}${mark('f 9 0 0 1')}`;
  const output = parse(text);
  expect(output.replaceAll(new RegExp(`${rs}[^${rs}]*${rs}\n`, 'g'), '')).toBe('<begin 1><end 1><final>');
  expect(output).toContain(mark('e 1 7 1'));
});

test('a marker without its newline is one, and no other newline is taken', () => {
  const bare = `\x1e${token} b 0 1\x1e`;
  expect(parse(bare)).toBe('<begin 0>');
  expect(parse(`${bare}x\n`)).toBe('<begin 0>x\n');
  expect(parse(`${bare}\n\nx`, [bare.length])).toBe('<begin 0>\nx');
});

test('a log that lost its beginning begins in the middle', () => {
  expect(parse(`rest of two${mark('e 2 0 5')}${mark('b 3 5')}three`)).toBe('rest of two<end 2><begin 3>three');
});
