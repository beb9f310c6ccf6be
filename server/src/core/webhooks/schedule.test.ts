import fc from 'fast-check';
import { expect, test } from 'vitest';
import { retryAfter, waitAfter } from './schedule.ts';

const waits = [5, 300, 1800];

test('each try waits for its time and a little more; after the last there is none', () => {
  expect([1, 2, 3, 4].map((tries) => waitAfter(tries, waits, 0, () => 0))).toEqual([5, 300, 1800, undefined]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.nat(1000), (tries, chance) => {
      const wait = waits[tries - 1] as number;
      const given = waitAfter(tries, waits, 0, () => chance / 1000) as number;
      expect(given).toBeGreaterThanOrEqual(wait);
      expect(given).toBeLessThanOrEqual(wait * 1.2);
    }),
  );
});

test('a receiver may ask for a longer wait, up to a day', () => {
  expect(waitAfter(1, waits, 60, () => 0)).toBe(60);
  expect(waitAfter(2, waits, 60, () => 0)).toBe(300);
  expect(waitAfter(1, waits, 1e9, () => 0)).toBe(86_400);
  expect(waitAfter(4, waits, 60)).toBeUndefined();
});

test.each([
  [null, 0],
  ['120', 120],
  ['-1', 0],
  ['soon', 0],
  ['1.5', 0],
  ['Wed, 21 Oct 2015 07:28:30 GMT', 30],
  ['Wed, 21 Oct 2015 07:27:00 GMT', 0],
])('Retry-After %j asks for %s seconds', (header, seconds) => {
  expect(retryAfter(header, Date.parse('2015-10-21T07:28:00Z'))).toBe(seconds);
});
