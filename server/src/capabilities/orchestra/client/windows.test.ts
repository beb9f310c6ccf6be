import fc from 'fast-check';
import { expect, test } from 'vitest';
import { longestWindowMs, rangeOf, windowQuery, windowsOf } from './windows.ts';

const earliest = Date.parse('2023-01-01T00:00:00Z');

test('windows cover every moment of a range, none longer than the API takes, the newest first', () => {
  const moment = fc.integer({ min: earliest, max: Date.parse('2027-01-01T00:00:00Z') });
  // About as long as a number of windows is, too.
  const length = fc
    .tuple(fc.nat(8), fc.integer({ min: -2000, max: 2000 }))
    .map(([count, more]) => Math.max(0, count * longestWindowMs + more));
  const ranges = fc.oneof(
    fc.tuple(moment, moment).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) })),
    fc.tuple(moment, length).map(([from, ms]) => ({ from, to: from + ms })),
  );
  fc.assert(
    fc.property(ranges, (range) => {
      const windows = windowsOf(range);
      expect(windows[0]?.to).toBe(range.to);
      expect(windows.at(-1)?.from).toBe(range.from);
      for (const [at, { from, to }] of windows.entries()) {
        expect(to - from).toBeLessThan(7 * 86_400_000);
        const newer = windows[at - 1];
        if (newer)
          expect({ overlaps: to > newer.from, older: from < newer.from }).toEqual({ overlaps: true, older: true });
      }
    }),
  );
});

test('nothing is older than 2023, and a range without a beginning is one window up to its end', () => {
  expect(windowsOf({ from: 0, to: earliest + 1000 })).toEqual([{ from: earliest, to: earliest + 1000 }]);
  expect(windowsOf({ from: 5, to: 4 })).toEqual([]);
  const now = Date.parse('2026-11-20T12:00:00Z');
  expect(rangeOf({}, now)).toEqual({ from: now - longestWindowMs, to: now });
  expect(rangeOf({ to: now - 5 }, now)).toEqual({ from: now - 5 - longestWindowMs, to: now - 5 });
  expect(rangeOf({ from: 7 }, now)).toEqual({ from: 7, to: now });
  expect(windowQuery({ from: earliest, to: now })).toEqual({
    time_from: '2023-01-01T00:00:00.000Z',
    time_to: '2026-11-20T12:00:00.000Z',
  });
});
