import { expect, test } from 'vitest';
import { createKept } from './kept.ts';

test('what was wanted longest ago makes room, and nothing larger than all of it is kept', () => {
  const kept = createKept<string>(10);
  for (const key of ['a', 'b']) kept.put(key, key.toUpperCase(), 5);
  expect(kept.get('a')).toBe('A');
  expect(kept.hasRoom(1)).toBe(false);
  kept.put('c', 'C', 5);
  expect(['a', 'b', 'c'].filter((key) => kept.has(key))).toEqual(['a', 'c']);
  kept.put('a', 'A2', 1);
  expect(kept.hasRoom(4)).toBe(true);
  kept.put('huge', 'H', 11);
  expect(['a', 'c', 'huge'].map((key) => kept.get(key))).toEqual(['A2', 'C', undefined]);
});
