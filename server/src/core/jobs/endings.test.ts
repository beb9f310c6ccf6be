import { expect, test } from 'vitest';
import { createEndings } from './endings.ts';

test('all who wait for a job are told of its end, and nobody else', async () => {
  const endings = createEndings();
  const never = new AbortController();
  const told: string[] = [];
  const wait = (id: string, name: string, signal = never.signal) =>
    endings.wait(id, signal).then(() => void told.push(name));
  const leaving = new AbortController();
  const waiting = [wait('a', 'one'), wait('a', 'two'), wait('b', 'other'), wait('a', 'left', leaving.signal)];
  leaving.abort();
  await waiting[3];
  expect(told).toEqual(['left']);
  endings.tell('a');
  await Promise.all([waiting[0], waiting[1]]);
  expect(told).toEqual(['left', 'one', 'two']);
  // An end of before is not told again, a new one is.
  const again = wait('a', 'again');
  endings.tell('b');
  await waiting[2];
  expect(told).toEqual(['left', 'one', 'two', 'other']);
  endings.tell('a');
  await again;
  await endings.wait('a', AbortSignal.abort());
});
