import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeTempDir } from '../../../../test/support/temp-dir.ts';
import { createLog } from '../../../core/log.ts';
import type { MaterialisedObject } from '../engine/protocol.ts';
import { createTableCache } from './cache.ts';

let root: string;
let count = 0;
beforeAll(() => {
  root = makeTempDir('tables');
});
afterAll(() => rm(root, { recursive: true, force: true }));

const log = createLog('silent');
const fresh = () => path.join(root, `tables${count++}`);
const name = (letter: string) => letter.repeat(64);

/** Writes one file of a size, and counts how often. */
function builder(bytes = 1000) {
  const built = { times: 0 };
  const build = async (dir: string): Promise<MaterialisedObject> => {
    built.times += 1;
    await writeFile(path.join(dir, 'part-00000.parquet'), `${'x'.repeat(bytes - 4)}PAR1`);
    return { columns: [{ name: 'a', type: 'date' }], files: ['part-00000.parquet'], rows: 3, rejected: 1, rejects: [] };
  };
  return { built, build };
}

test('a table is built once, however many ask for it, and found by the next process', async () => {
  const directory = fresh();
  const { built, build } = builder();
  const cache = createTableCache(directory, 1e9, log);
  const held = await Promise.all(Array.from({ length: 20 }, () => cache.hold(name('a'), build)));
  expect(built.times).toBe(1);
  for (const table of held) {
    expect(table).toMatchObject({ rows: 3, rejected: 1, columns: [{ name: 'a', type: 'date' }] });
    expect(table.files).toEqual([path.join(directory, 'aa', name('a'), 'part-00000.parquet')]);
  }
  await createTableCache(directory, 1e9, log).hold(name('a'), build);
  expect(built.times).toBe(1);
  expect(await readdir(path.join(directory, 'tmp'))).toEqual([]);
});

test('a build that fails leaves nothing, and fails only who asked for it', async () => {
  const directory = fresh();
  const { built, build } = builder();
  const cache = createTableCache(directory, 1e9, log);
  const broken = async (dir: string) => {
    await build(dir);
    throw new Error('no');
  };
  const first = cache.hold(name('a'), broken);
  const second = cache.hold(name('a'), build);
  await expect(first).rejects.toThrow('no');
  expect((await second).rows).toBe(3);
  expect(built.times).toBe(2);
  expect(await readdir(path.join(directory, 'tmp'))).toEqual([]);
});

test.each([
  ['a file that is cut off', (dir: string) => truncate(path.join(dir, 'part-00000.parquet'), 500)],
  ['a file of other bytes', (dir: string) => writeFile(path.join(dir, 'part-00000.parquet'), 'y'.repeat(1000))],
  ['a file that is gone', (dir: string) => rm(path.join(dir, 'part-00000.parquet'))],
  ['half of its description', (dir: string) => truncate(path.join(dir, 'meta.json'), 20)],
  ['no description', (dir: string) => rm(path.join(dir, 'meta.json'))],
  ['nothing at all', (dir: string) => rm(dir, { recursive: true })],
])('a table is built again when it has %s', async (_, damage) => {
  const directory = fresh();
  const { built, build } = builder();
  const cache = createTableCache(directory, 1e9, log);
  (await cache.hold(name('b'), build)).release();
  await damage(path.join(directory, 'bb', name('b')));
  const held = await cache.hold(name('b'), build);
  expect(built.times).toBe(2);
  expect(existsSync(held.files[0] as string)).toBe(true);
});

test('what is unused for longest goes first, and what is held stays', async () => {
  const directory = fresh();
  const { build } = builder(100_000);
  // Each takes its bytes and the room of its directory; two fit.
  const cache = createTableCache(directory, 260_000, log);
  const there = (letter: string) => existsSync(path.join(directory, letter.repeat(2), name(letter)));
  const used = (letter: string, seconds: number) =>
    utimes(path.join(directory, letter.repeat(2), name(letter), 'meta.json'), seconds, seconds);
  const a = await cache.hold(name('a'), build);
  (await cache.hold(name('b'), build)).release();
  await cache.idle();
  await used('a', 1000);
  await used('b', 2000);
  (await cache.hold(name('c'), build)).release();
  await cache.idle();
  expect([there('a'), there('b'), there('c')]).toEqual([true, false, true]);
  a.release();
  a.release();
  await used('c', 3000);
  (await cache.hold(name('d'), build)).release();
  await cache.idle();
  expect([there('a'), there('c'), there('d')]).toEqual([false, true, true]);
});

test('tables of bytes that nobody names are counted, then removed, but for those that are held', async () => {
  const directory = fresh();
  const { build } = builder(1000);
  const cache = createTableCache(directory, 1e9, log);
  const there = (letter: string) => existsSync(path.join(directory, letter.repeat(2), `${name(letter)}-1`));
  const held = await cache.hold(`${name('a')}-1`, build);
  for (const letter of ['b', 'c']) (await cache.hold(`${name(letter)}-1`, build)).release();
  const loose = async (hashes: readonly string[]) => hashes.filter((hash) => hash !== name('c'));
  const later = new Date(Date.now() + 60_000);
  expect(await cache.collect(new Date(0), loose, false)).toEqual({ count: 0, bytes: 0 });
  expect((await cache.collect(later, loose, true)).count).toBe(1);
  expect(there('b')).toBe(true);
  const { count, bytes } = await cache.collect(later, loose, false);
  expect([count, bytes > 1000]).toEqual([1, true]);
  expect([there('a'), there('b'), there('c')]).toEqual([true, false, true]);
  held.release();
  expect((await cache.collect(later, loose, false)).count).toBe(1);
  expect([there('a'), there('c')]).toEqual([false, true]);
});

test('work that broke off long ago is removed with the first look', async () => {
  const directory = fresh();
  const draft = path.join(directory, 'tmp', 'left');
  await mkdir(draft, { recursive: true });
  await utimes(draft, 1000, 1000);
  const cache = createTableCache(directory, 1e9, log);
  await cache.hold(name('a'), builder().build);
  await cache.idle();
  expect(existsSync(draft)).toBe(false);
});
