import { chmod, cp, lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLog } from '../log.ts';
import { packagedBinaries, runBinary, usableBinaries } from './embedded-binaries.ts';
import { isRoot } from './embedded-user.ts';

const log = createLog('silent');
const user = isRoot() ? { uid: 65534, gid: 65534 } : undefined;
let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tutti-binaries-'));
  await chmod(dir, 0o711);
});

afterEach(async () => {
  await chmod(join(dir, 'installed', 'lib'), 0o755);
  await rm(dir, { recursive: true });
});

/** A package as `npm install --ignore-scripts` leaves it. */
async function installWithoutScripts() {
  const packaged = await packagedBinaries();
  const installed = join(dir, 'installed');
  await cp(packaged.dir, installed, {
    recursive: true,
    filter: async (path) => !(await lstat(path)).isSymbolicLink(),
  });
  return { ...packaged, dir: installed };
}

test('missing links are made where the package is', async () => {
  const installed = await installWithoutScripts();
  const usable = await usableBinaries(installed, dir, user, log);
  expect(usable).toEqual(installed);
  await runBinary(usable, 'initdb', ['--version'], user);
});

test('a package that cannot be used in place is copied once', async () => {
  const installed = await installWithoutScripts();
  // Root can write everywhere, so for root it is the account of PostgreSQL that cannot enter.
  await chmod(isRoot() ? installed.dir : join(installed.dir, 'lib'), isRoot() ? 0o700 : 0o555);
  const both = await Promise.all([1, 2].map(() => usableBinaries(installed, dir, user, log)));
  const [copy] = both;
  expect(copy?.dir).not.toBe(installed.dir);
  expect(both).toEqual([copy, copy]);
  if (copy) await runBinary(copy, 'initdb', ['--version'], user);
  expect(await readdir(dir)).toHaveLength(2);
});
