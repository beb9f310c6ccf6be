import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findUnstorable, isStorable } from './storable.ts';

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
