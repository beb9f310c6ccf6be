import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { makeTempDir } from '../../../test/support/temp-dir.ts';
import { createCache } from './cache.ts';

const base = makeTempDir('cache');
afterAll(() => rmSync(base, { recursive: true }));
let directory: string;
let fetched: string[];
beforeEach(() => {
  directory = path.join(base, String(Math.random()).slice(2));
  fetched = [];
});

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const fetch = (text: string) => async () => {
  fetched.push(text);
  return { body: Readable.from([Buffer.from(text)]), size: text.length };
};
const hold = (cache: ReturnType<typeof createCache>, text: string) => cache.hold(hashOf(text), fetch(text));
const kept = () => readdirSync(directory).sort();
const named = (...texts: string[]) => texts.map(hashOf).sort();

test('bytes are fetched once, by however many at once, and again after a start', async () => {
  const cache = createCache(directory, 100);
  const files = await Promise.all([hold(cache, 'one'), hold(cache, 'one'), hold(cache, 'one')]);
  for (const file of files) expect(readFileSync(file.path, 'utf8')).toBe('one');
  for (const file of files) file.release();
  (await hold(createCache(directory, 100), 'one')).release();
  expect(fetched).toEqual(['one']);
});

test('what was unused for longest goes first, and what is held stays', async () => {
  const cache = createCache(directory, 10);
  const held = await hold(cache, 'held');
  (await hold(cache, 'old')).release();
  (await hold(cache, 'new')).release();
  expect(kept()).toEqual(named('held', 'old', 'new'));
  (await hold(cache, 'old')).release();
  (await hold(cache, 'more')).release();
  expect(kept()).toEqual(named('held', 'more'));
  const large = await hold(cache, 'larger than all the room');
  expect(kept()).toEqual(named('held', 'larger than all the room'));
  large.release();
  expect(kept()).toEqual(named('held'));
  held.release();
  held.release();
  expect(readFileSync(held.path, 'utf8')).toBe('held');
});

test('who holds twice releases twice', async () => {
  const cache = createCache(directory, 0);
  const [a, b] = [await hold(cache, 'x'), await hold(cache, 'x')];
  a.release();
  a.release();
  expect(existsSync(b.path)).toBe(true);
  b.release();
  expect(kept()).toEqual([]);
});

test('a directory from before is in the order of use, and half of a download in it goes', async () => {
  mkdirSync(directory);
  for (const [at, text] of ['first', 'second'].entries()) {
    writeFileSync(path.join(directory, hashOf(text)), text);
    utimesSync(path.join(directory, hashOf(text)), 1000 + at, 1000 + at);
  }
  writeFileSync(path.join(directory, 'part-x'), 'half');
  const cache = createCache(directory, 12);
  (await hold(cache, 'third')).release();
  expect(kept()).toEqual(named('second', 'third'));
});

test('other bytes than those of the hash, and half of them, are kept nowhere', async () => {
  const cache = createCache(directory, 100);
  await expect(cache.hold(hashOf('wanted'), fetch('other'))).rejects.toMatchObject({ code: 'CONFLICT' });
  const broken = async () => ({
    body: Readable.from(
      (async function* () {
        yield Buffer.from('wan');
        throw new Error('the connection was lost');
      })(),
    ),
    size: 6,
  });
  await expect(cache.hold(hashOf('wanted'), broken)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(kept()).toEqual([]);
  const file = await hold(cache, 'wanted');
  expect(readFileSync(file.path, 'utf8')).toBe('wanted');
});

test('files that somebody removed are fetched again', async () => {
  const cache = createCache(directory, 100);
  (await hold(cache, 'one')).release();
  rmSync(directory, { recursive: true });
  const [a, b] = await Promise.all([hold(cache, 'one'), hold(cache, 'one')]);
  expect(readFileSync(a.path, 'utf8')).toBe('one');
  expect(a.path).toBe(b.path);
  expect(fetched).toEqual(['one', 'one']);
});
