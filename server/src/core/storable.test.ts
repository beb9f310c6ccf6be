import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findUnstorable, isStorable, storableJson } from './storable.ts';

test.each(['\0', 'a\0b', '\ud800', 'a\udc00'])('%j cannot be kept', (text) => {
  expect(isStorable(text)).toBe(false);
  expect(findUnstorable({ a: [0, { b: text }] })).toMatchObject({ path: 'a.1.b' });
  expect(findUnstorable({ a: { [text]: 0 } })).toMatchObject({ path: 'a' });
});

test('all other JSON can', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!text.includes('\\u0000') && !text.includes('"__proto__":'));
      expect(findUnstorable(value)).toBeUndefined();
    }),
  );
});

test('nesting ends somewhere, without a stack that overflows', () => {
  const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
  expect(findUnstorable(nested(150))).toBeUndefined();
  expect(findUnstorable(nested(100_000))).toMatchObject({ message: 'nested too deeply' });
});

test('what others wrote is kept but for the characters that cannot be, as names and as values', () => {
  const odd = { 'a\0': ['b\0\0', 'c\ud800d', '\udfff'], kept: ['\\u0000', '\\\0', '😀', '\u0001"\n', null, 1.5] };
  expect(JSON.parse(storableJson(odd))).toEqual({
    'a\ufffd': ['b\ufffd\ufffd', 'c\ufffdd', '\ufffd'],
    kept: ['\\u0000', '\\\ufffd', '😀', '\u0001"\n', null, 1.5],
  });
  const stringUnit = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 1 }),
    fc.constantFrom('\0', '\ud800', '\udfff', '\\', 'u'),
  );
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit, maxDepth: 2 }), (value) => {
      const whole = JSON.parse(storableJson(value));
      expect(JSON.stringify(whole)).not.toMatch(/(?<!\\)(\\\\)*\\u(0000|d[89a-f])/);
      if (!/\\u(0000|d[89a-f])/.test(JSON.stringify(value))) expect(whole).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
