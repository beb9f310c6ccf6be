import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { createTarWriter, readEntry, readTar } from './tar.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'tutti-tar-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = path.join(directory, 'a.tar');

const long = `indexes/${'d'.repeat(60)}/${'i'.repeat(60)}.lance/data/${'f'.repeat(80)}.lance`;
const parts: readonly (readonly [string, string[]])[] = [
  ['empty', []],
  ['exact', ['x'.repeat(512)]],
  ['pieces', ['ab', '', 'cäd']],
  [long, ['y'.repeat(3_000_000), 'z']],
  ['n'.repeat(100), ['n']],
];

test('what was written is read again, by us and by tar', async () => {
  const handle = await open(file, 'w+');
  const tar = createTarWriter(handle, new Date());
  for (const [name, pieces] of parts) {
    const bytes = Buffer.from(pieces.join(''));
    const source = (async function* () {
      for (const piece of pieces) yield Buffer.from(piece);
    })();
    expect(await tar.add(name, source)).toMatchObject({ name, size: bytes.length });
  }
  await tar.end();
  const entries = await readTar(handle);
  await handle.close();
  expect([...(entries?.keys() ?? [])]).toEqual(parts.map(([name]) => name));
  for (const [name, pieces] of parts) {
    const entry = entries?.get(name);
    expect((await buffer(readEntry(file, entry ?? { offset: 0, size: 0 }))).toString()).toBe(pieces.join(''));
  }
  execFileSync('tar', ['-xf', file, '-C', directory]);
  for (const [name, pieces] of parts) expect(readFileSync(path.join(directory, name), 'utf8')).toBe(pieces.join(''));
});

test('a name that fits into no header is no part', async () => {
  const handle = await open(path.join(directory, 'b.tar'), 'w');
  const none = (async function* () {})();
  await expect(createTarWriter(handle, new Date()).add('n'.repeat(101), none)).rejects.toThrow('too long');
  await handle.close();
});
