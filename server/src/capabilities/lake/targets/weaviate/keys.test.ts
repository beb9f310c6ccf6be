import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ColumnType } from '../../engine/protocol.ts';
import type { Cell } from '../../engine/values.ts';
import { integerOf, keyOf, likeText, textKey } from './keys.ts';

const order = (a: string, b: string) => Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)));

/** Keys of these values are plain, and in the order of the values. */
function expectOrdered<T extends NonNullable<Cell>>(
  type: ColumnType,
  values: fc.Arbitrary<T>,
  compare: (a: T, b: T) => number,
) {
  fc.assert(
    fc.property(values, values, (a, b) => {
      expect(keyOf(type, a)).toMatch(/^[0-9a-x]+$/);
      expect(order(keyOf(type, a), keyOf(type, b))).toBe(compare(a, b));
    }),
  );
}

describe('keys', () => {
  test('of integers and times are ordered as they are, and lead back to them', () => {
    const int64 = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -9n, max: 9n }));
    expectOrdered('integer', int64, (a, b) => (a < b ? -1 : a > b ? 1 : 0));
    fc.assert(fc.property(int64, (value) => BigInt(integerOf(keyOf('integer', value))) === value));
    expect(integerOf(keyOf('timestamp', -62135596800000))).toBe(-62135596800000);
  });

  test('of numbers are ordered as they are, beyond what an integer holds too', () => {
    const numbers = fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((value) => value + 0)
      .filter((value) => !Object.is(value, -0));
    expectOrdered('number', fc.oneof(numbers, fc.constantFrom(0, 1e300, -1e300, 2 ** 53, 0.5)), (a, b) =>
      Math.sign(a - b),
    );
  });

  test('of texts are ordered by their bytes', () => {
    // Of few letters too: then one is the beginning of another.
    const few = fc.string({ unit: fc.constantFrom('a', '\0', 'A', ' ', 'ü', '\uffff', '😀'), maxLength: 3 });
    expectOrdered('string', fc.oneof(fc.string({ unit: 'binary' }), few), order);
  });

  test('find a part of a text just where it is', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('a', '\n', '*', '?', 'ä') }),
    );
    fc.assert(
      fc.property(texts, texts, texts, (a, b, other) => {
        for (const whole of [a + b, b + a, other]) {
          const pattern = new RegExp(`^${likeText(b).replaceAll('*', '.*')}$`);
          expect(pattern.test(textKey(whole))).toBe(Buffer.from(whole).includes(Buffer.from(b)));
        }
      }),
    );
  });
});
