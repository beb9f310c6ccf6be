import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { holdFiles, Vanished } from './hold.ts';

const base = mkdtempSync(path.join(tmpdir(), 'tutti-hold-'));
afterAll(() => rmSync(base, { recursive: true }));
let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(path.join(base, 'data-'));
});

function write(name: string, text: string): void {
  const file = path.join(dataDir, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
const sha256 = 'ab'.repeat(32);
const staged = [{ staging_key: 'up_1-x', sha256 }];

test('what is held outlives its first name, and is gone when it is released', async () => {
  write('objects/staging/up_1-x', 'bytes');
  write('indexes/ds_1/idx_1.lance/_versions/1.manifest', 'one');
  write('indexes/ds_1/idx_1.lance/data/a.lance', 'rows');
  const hold = await holdFiles(dataDir, staged);
  rmSync(path.join(dataDir, 'objects'), { recursive: true });
  rmSync(path.join(dataDir, 'indexes'), { recursive: true });
  const read = (name: string) => readFileSync(path.join(hold.directory, name), 'utf8');
  expect(read('objects/staging/up_1-x')).toBe('bytes');
  expect(read('indexes/ds_1/idx_1.lance/_versions/1.manifest')).toBe('one');
  expect(read('indexes/ds_1/idx_1.lance/data/a.lance')).toBe('rows');
  await hold.release();
  expect(readdirSync(dataDir)).toEqual([]);
});

test('staged bytes that were committed meanwhile are found under their hash', async () => {
  write(`objects/sha256/ab/${sha256}`, 'bytes');
  const hold = await holdFiles(dataDir, staged);
  expect(readFileSync(path.join(hold.directory, 'objects/staging/up_1-x'), 'utf8')).toBe('bytes');
  await hold.release();
});

test('bytes that are nowhere end it, with nothing left behind', async () => {
  await expect(holdFiles(dataDir, staged)).rejects.toThrow(Vanished);
  expect(readdirSync(dataDir)).toEqual([]);
});

test('what a killed backup held is let go by the next one', async () => {
  write('backup-999999999/objects/staging/old', 'bytes');
  const hold = await holdFiles(dataDir, []);
  expect(existsSync(path.join(dataDir, 'backup-999999999'))).toBe(false);
  await hold.release();
});
