import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { makeTempDir } from '../../../../../test/support/temp-dir.ts';

const script = `const { accountOf } = await import(process.argv[1]); console.log(await accountOf(process.argv[2], process.argv[3]));`;
const account = fileURLToPath(new URL('./account.ts', import.meta.url));

test('processes that share the directory give no two servers one user, and one server the same', async () => {
  const serversDir = path.join(makeTempDir('accounts'), 'servers');
  mkdirSync(serversDir);
  const ask = async (name: string) => {
    const args = ['--input-type=module', '-e', script, account, serversDir, name];
    return (await promisify(execFile)(process.execPath, args)).stdout.trim();
  };
  const [one, two, three, again] = await Promise.all(['one', 'two', 'three', 'one'].map(ask));
  expect(new Set([one, two, three]).size).toBe(3);
  expect(again).toBe(one);
});
