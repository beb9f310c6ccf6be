import { expect, test } from 'vitest';
import { newId } from './ids.ts';

test('ids name their kind, differ, and sort by when they were made', () => {
  const ids = Array.from({ length: 10_000 }, () => newId('ds'));
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual(ids);
  expect(ids.every((id) => /^ds_[0-9a-hjkmnp-tv-z]{26}$/.test(id))).toBe(true);
});
