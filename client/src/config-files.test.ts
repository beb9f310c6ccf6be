import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeExport } from './config-files.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tutti-export-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('what somebody put beside an export stays; what it no longer names, and what a broken write left, goes', async () => {
  const old = `objects/${'a'.repeat(64)}.json`;
  const first = ['changes.json', old, 'index.json'].map((name) => ({ path: name, text: '{}' }));
  await writeExport(folder, first);
  for (const name of ['seen.json', 'mcp.json', 'objects/notes.txt', 'changes.json.0a1b2c3d']) {
    await writeFile(path.join(folder, name), '1');
  }
  await writeExport(
    folder,
    first.filter((one) => one.path !== old),
  );
  const left = (await readdir(folder, { recursive: true })).sort();
  expect(left).toEqual(['changes.json', 'index.json', 'mcp.json', 'objects', 'objects/notes.txt', 'seen.json']);
});
