import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { makeTempDir } from '../../../../test/support/temp-dir.ts';
import { withWorkDir } from './work-dir.ts';

test('a directory goes when its work ends, and what a killed process left goes a day later', async () => {
  const base = makeTempDir('work');
  try {
    for (const [name, hours] of [
      ['old', 25],
      ['young', 23],
    ] as const) {
      await mkdir(path.join(base, name));
      await writeFile(path.join(base, name, 'file'), 'x');
      const then = new Date(Date.now() - hours * 3_600_000);
      await utimes(path.join(base, name), then, then);
    }
    await withWorkDir(base, async (dir) => {
      await writeFile(path.join(dir, 'file'), 'x');
      expect(await readdir(base)).toEqual([path.basename(dir), 'young'].sort());
    });
    const failing = withWorkDir(base, async () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await readdir(base)).toEqual(['young']);
  } finally {
    await rm(base, { recursive: true, force: true });
  }
});
