import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
// @ts-expect-error: plain JavaScript, which Nodes that know no types must read
import { tooOld } from '../bin/node-version.js';
import { tuttiProcess } from '../test/support.ts';

const client = path.join(import.meta.dirname, '..');

test.each(['12.22.0', '20.20.2', '22.17.1'])('Node %s is too old', (version) => {
  expect(tooOld(version)).toBe(`Tutti needs Node 22.18 or newer, and this is Node ${version}.`);
});

test.each(['22.18.0', '24.0.0', '26.1.0'])('Node %s will do', (version) => {
  expect(tooOld(version)).toBeUndefined();
});

const old = oldNodes()[0];
test.skipIf(!old)('an old Node gets one sentence and exit code 1', async () => {
  const { node = '', version = '' } = old ?? {};
  const sentence = `Tutti needs Node 22.18 or newer, and this is Node ${version}.\n`;
  expect(await tuttiProcess(['serve'], node)).toEqual({ code: 1, out: '', notes: sentence });
  const server = path.join(client, '../server/bin/tutti.js');
  expect(await tuttiProcess(['serve'], node, server)).toEqual({ code: 1, out: '', notes: sentence });
});

test('the command runs from both packages', async () => {
  expect(await tuttiProcess(['--version'])).toMatchObject({ code: 0, notes: '' });
  const server = path.join(client, '../server/bin/tutti.js');
  expect(await tuttiProcess(['--version'], process.execPath, server)).toMatchObject({ code: 0, notes: '' });
});

test('the commands of the server get their flags untouched', async () => {
  expect(await tuttiProcess(['serve', '--help'])).toMatchObject({
    code: 0,
    out: expect.stringContaining('--database-url'),
  });
  expect(await tuttiProcess(['tour', '--help'])).toMatchObject({ code: 0, out: expect.stringContaining('--act') });
  const unknown = await tuttiProcess(['serve', '--port', '0', '--no-such-flag']);
  expect(unknown).toMatchObject({ code: 2, out: '', notes: expect.stringContaining('--no-such-flag') });
});

test('without the server package its commands say how to get it', async () => {
  const alone = await mkdtemp(path.join(tmpdir(), 'tutti-alone-'));
  try {
    for (const part of ['bin', 'src', 'package.json'])
      await cp(path.join(client, part), path.join(alone, part), { recursive: true });
    const [own, shared] = [path.join(client, 'node_modules'), path.join(client, '../node_modules')];
    await cp(path.join(own, 'commander'), path.join(alone, 'node_modules/commander'), { recursive: true });
    await symlink(path.join(shared, '@clack'), path.join(alone, 'node_modules/@clack'));
    const said = await tuttiProcess(['serve'], process.execPath, path.join(alone, 'bin/tutti.js'));
    expect(said).toEqual({
      code: 1,
      out: '',
      notes:
        'tutti serve needs the server, which is not installed. Install it with: npm install --global @tutti/server\n',
    });
  } finally {
    await rm(alone, { recursive: true });
  }
});

test('the library has its entrance', async () => {
  const entrance = path.join(client, 'index.js');
  const text = execFileSync(process.execPath, [
    '-e',
    `import(${JSON.stringify(entrance)}).then((all) => console.log(Object.keys(all).join()))`,
  ]);
  expect(text.toString()).toBe('TuttiError,createClient\n');
});

/** The Nodes on this machine that are too old for Tutti. */
function oldNodes(): { node: string; version: string }[] {
  return (process.env.PATH ?? '').split(path.delimiter).flatMap((directory) => {
    const node = path.join(directory, 'node');
    try {
      const version = execFileSync(node, ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] })
        .toString()
        .trim()
        .slice(1);
      return tooOld(version) ? [{ node, version }] : [];
    } catch {
      return [];
    }
  });
}
