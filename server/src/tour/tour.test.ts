import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { expectEqual } from './act.ts';
import { tour } from './tour.ts';

const command = path.join(import.meta.dirname, '../../bin/tutti.js');
let temporary: string;
beforeAll(async () => {
  temporary = await mkdtemp(path.join(tmpdir(), 'tutti-tour-test-'));
});
afterAll(() => rm(temporary, { recursive: true, force: true }));

function start() {
  const child = spawn(process.execPath, [command, 'tour', '--act', '1'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: temporary },
  });
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, ended, output: () => output };
}

test('act one brings a real file from upload to a search hit, and leaves nothing behind', async () => {
  const { ended, output } = start();
  expect(await ended, output()).toBe(0);
  const steps = output().match(/^ {2}✓ .*$/gm) ?? [];
  expect(steps).toHaveLength(13);
  expect(output()).not.toContain('✗');
  expect(output()).toContain('finds The Godfather by Francis Ford Coppola');
  expect(await readdir(temporary)).toEqual([]);
});

test('an interrupted tour stops its server and removes its data', async () => {
  const { child, ended, output } = start();
  await new Promise<void>((resolve) => {
    child.stdout.on('data', () => output().includes('register_dataset') && resolve());
  });
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  expect(await readdir(temporary)).toEqual([]);
});

test('an unknown act is refused', async () => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(await tour(['--act', '99'])).toBe(2);
  expect(await tour(['--scene'])).toBe(2);
  expect(said.mock.calls.join()).toMatch(/There is no act 99[\s\S]*--scene/);
  said.mockRestore();
});

test('a result that is not what it must be is told with what was expected', () => {
  expect(() => expectEqual('the rows', 3, 4)).toThrow('the rows\nexpected 4\ngot      3');
});
