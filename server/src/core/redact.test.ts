import fc from 'fast-check';
import { expect, test } from 'vitest';
import { untrusted } from './errors.ts';
import { conceal, redact } from './redact.ts';

const value = 'p@ss/w+rd "é" 77%';
conceal(value);
const gone = '[redacted]';

test.each([
  ['plain', value],
  ['in JSON', JSON.stringify(value).slice(1, -1)],
  ['in a URL', encodeURIComponent(value)],
  ['in a form', new URLSearchParams({ a: value }).toString().slice(2)],
  ['as hex', Buffer.from(value).toString('hex')],
])('%s', (_form, text) => expect(redact(`before ${text} after`)).toBe(`before ${gone} after`));

test('inside base64, wherever it begins', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (before, after) => {
      const whole = Buffer.from(`${before}${value}${after}`);
      for (const form of ['base64', 'base64url'] as const) expect(redact(whole.toString(form))).toContain(gone);
    }),
  );
});

test('the lines of one that has several', () => {
  conceal('-----BEGIN KEY-----\nabcdefghijklmnopqrstuvwxyz\nshort\n-----END KEY-----');
  expect(redact('found abcdefghijklmnopqrstuvwxyz')).toBe(`found ${gone}`);
  expect(redact('a short word')).toBe('a short word');
});

test('one within another, the longer first', () => {
  conceal('inner-value');
  conceal('outer-inner-value-outer');
  expect(redact('outer-inner-value-outer')).toBe(gone);
});

test('what is too short to be told from words is left', () => {
  conceal('the');
  expect(redact('the other')).toBe('the other');
});

test('foreign text is cleaned before it is cut, so that no half of a secret stays', () => {
  const text = `${'x'.repeat(95)}${value}`;
  expect(untrusted('test', text, 100).text).toBe(`${'x'.repeat(95)}[reda…`);
});
