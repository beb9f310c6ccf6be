import { expect, test } from 'vitest';
import { backOff, retryAfter, standardPace } from './policy.ts';

test('the back-off doubles up to its cap, and any part of it is waited', () => {
  const most = { ...standardPace, random: () => 1 };
  expect([1, 2, 3, 4, 5, 6, 40].map((next) => backOff(most, next))).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
  expect(backOff({ ...standardPace, random: () => 0 }, 3)).toBe(0);
});

test('Retry-After is read in seconds and as a date, up to five minutes', () => {
  const now = Date.parse('2026-11-20T12:00:00Z');
  expect(retryAfter('3', now)).toBe(3000);
  expect(retryAfter('Fri, 20 Nov 2026 12:00:07 GMT', now)).toBe(7000);
  expect(retryAfter('Fri, 20 Nov 2026 11:00:00 GMT', now)).toBe(0);
  expect(retryAfter('1e9', now)).toBeUndefined();
  expect(retryAfter('999999999999999999', now)).toBe(300_000);
  for (const header of [null, '', '-5 seconds', 'soon', 'NaN']) expect(retryAfter(header, now)).toBeUndefined();
});
