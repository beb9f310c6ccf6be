import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRedactors } from './redact.ts';

const secret = 'hunter2&/"pass word"+ü';

function redact(text: string | Buffer, cuts: readonly number[] = [], values: readonly string[] = [secret]): string {
  const redactor = createRedactors(values)();
  const bytes = Buffer.from(text as string);
  const out: Buffer[] = [];
  let at = 0;
  for (const length of [...cuts, bytes.length]) {
    out.push(redactor.push(bytes.subarray(at, at + length)));
    at += length;
  }
  return Buffer.concat([...out, redactor.flush()]).toString();
}

test.each([
  ['plain', secret],
  ['in JSON', JSON.stringify({ key: secret })],
  ['in a URL', `https://x/?p=${encodeURIComponent(secret)}`],
  ['in a form', new URLSearchParams({ p: secret }).toString()],
  ['in hex', Buffer.from(secret).toString('hex')],
  ['in base64', Buffer.from(secret).toString('base64')],
  ['in base64url', Buffer.from(secret).toString('base64url')],
  ['inside base64', Buffer.from(`user:${secret}!`).toString('base64')],
])('a secret %s is taken out wherever the stream is cut', (_, text) => {
  const hidden = redact(text);
  expect(hidden).toContain('[redacted]');
  expect(hidden.length).toBeLessThan(text.length + 10);
  for (let at = 0; at <= Buffer.byteLength(text); at += 1) expect(redact(text, [at])).toBe(hidden);
});

test('a long secret in the lines that base64 prints it in is taken out', () => {
  const long = 'The quick brown fox jumps over the lazy dog. '.repeat(5);
  const printed = Buffer.from(long)
    .toString('base64')
    .replaceAll(/(.{76})/g, '$1\n');
  expect(redact(printed, [50], [long])).not.toMatch(/[A-Za-z0-9+/]{20}/);
});

test('the result is the same for every cut, for secrets that begin alike or overlap too', () => {
  const values = ['aabbaabb', 'aabbaabbcc', 'bbccdd', 'aaaaaa', 'cabcabcab'];
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', 'c', 'd', 'x', 'aabbaabb', 'cabcab', 'aaaaaa'),
    maxLength: 30,
    size: 'max',
  });
  fc.assert(
    fc.property(text, fc.array(fc.nat(9)), (all, cuts) => {
      const hidden = redact(all, cuts, values);
      expect(hidden).toBe(redact(all, [], values));
      for (const value of values) expect(hidden).not.toContain(value);
    }),
    { numRuns: 1000 },
  );
});

test('bytes that are no text pass unchanged, and words too short are no secrets', () => {
  const bytes = Buffer.from([0, 255, 128, 10, 195]);
  const redactor = createRedactors([secret])();
  expect(Buffer.concat([redactor.push(bytes), redactor.flush()])).toEqual(bytes);
  expect(redact('the cat', [], ['cat', ''])).toBe('the cat');
});

test('only what may become a secret is held back', () => {
  const redactor = createRedactors(['secret-value'])();
  expect(redactor.push(Buffer.from('progress: 1\nsecr')).toString()).toBe('progress: 1\n');
  expect(redactor.push(Buffer.from('etary\n')).toString()).toBe('secretary\n');
});
