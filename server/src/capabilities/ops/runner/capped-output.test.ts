import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCappedOutput } from './capped-output.ts';

const capture = (chunks: readonly (string | Buffer)[], headBytes = 8, tailBytes = 8) => {
  const output = createCappedOutput({ headBytes, tailBytes });
  for (const chunk of chunks) output.push(Buffer.from(chunk as string));
  return output.read();
};

test('what fits stays whole', () => {
  expect(capture(['hello ', 'wörld', ''])).toEqual({ text: 'hello wörld', bytes: 12, cut_bytes: 0 });
  expect(capture([])).toEqual({ text: '', bytes: 0, cut_bytes: 0 });
});

test('of what does not, head and tail stay, and how much is missing is said', () => {
  expect(capture(['0123456789', 'abcdefghij', 'ABCDEFGHIJ'])).toEqual({
    text: '01234567\n[… 14 bytes left out …]\nCDEFGHIJ',
    bytes: 30,
    cut_bytes: 14,
  });
});

test('no character is cut in half', () => {
  const { text, bytes, cut_bytes } = capture(['€'.repeat(20)]);
  expect(text).toBe('€€\n[… 48 bytes left out …]\n€€');
  expect([bytes, cut_bytes]).toEqual([60, 48]);
});

test('bytes that are no text become replacement characters, NUL too', () => {
  expect(capture([Buffer.from([0x61, 0, 0xff, 0x62])]).text).toBe('a\ufffd\ufffdb');
});

test('it makes no difference how the stream comes', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 100, size: 'max' }),
      fc.array(fc.nat(20)),
      fc.nat(20),
      fc.nat(20),
      (bytes, cuts, head, tail) => {
        const chunks: Buffer[] = [];
        let at = 0;
        for (const length of [...cuts, bytes.length]) {
          chunks.push(Buffer.from(bytes.slice(at, at + length)));
          at += length;
        }
        const found = capture(chunks, head, tail);
        expect(found).toEqual(capture([Buffer.from(bytes)], head, tail));
        expect(found.bytes).toBe(bytes.length);
        expect(found.cut_bytes > 0).toBe(bytes.length > head + tail);
      },
    ),
  );
});

test('a gigabyte passes in bounded memory', () => {
  const output = createCappedOutput({ headBytes: 1000, tailBytes: 1000 });
  const chunk = Buffer.alloc(2 ** 20, 'x');
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  for (let n = 0; n < 1024; n += 1) {
    output.push(chunk);
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  expect(output.read()).toMatchObject({ bytes: 2 ** 30, cut_bytes: 2 ** 30 - 2000 });
  expect(most).toBeLessThan(32 * 2 ** 20);
});
