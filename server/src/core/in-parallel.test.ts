import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inParallel } from './in-parallel.ts';

test('a few run at once, and results keep the order of the items', async () => {
  let running = 0;
  let most = 0;
  const work = async (item: number) => {
    running += 1;
    most = Math.max(most, running);
    for (let left = 10 - item; left >= 0; left -= 1) await turn();
    running -= 1;
    return item * 2;
  };
  expect(await inParallel([1, 2, 3, 4, 5, 6, 7], 3, work)).toEqual([2, 4, 6, 8, 10, 12, 14]);
  expect(most).toBe(3);
  expect(await inParallel([], 3, work)).toEqual([]);
});

test('after a failure nothing begins, and what runs has ended when it is told', async () => {
  const began: number[] = [];
  const ended: number[] = [];
  const work = async (item: number) => {
    began.push(item);
    if (item === 1) throw new Error('no');
    for (let left = 5; left > 0; left -= 1) await turn();
    ended.push(item);
  };
  await expect(inParallel([1, 2, 3, 4, 5], 2, work)).rejects.toThrow('no');
  expect(began).toEqual([1, 2]);
  expect(ended).toEqual([2]);
});
