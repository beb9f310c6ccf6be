import { lstatSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeTempDir } from '../../../../test/support/temp-dir.ts';
import {
  composeFile,
  generatedValues,
  hashOf,
  lookAt,
  makeDirectory,
  openDirectory,
  placeIn,
  removeDirectory,
  type SandboxPlace,
  sandboxName,
  writeInto,
} from './directory.ts';

let dataDir: string;
let place: SandboxPlace;
let outside: string;
beforeEach(() => {
  dataDir = makeTempDir('sandboxes');
  place = placeIn(dataDir);
  outside = path.join(dataDir, 'outside');
  mkdirSync(outside);
  writeFileSync(path.join(outside, 'kept'), 'kept');
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

async function make(name: string, compose = 'services: {}\n'): Promise<string> {
  const directory = await makeDirectory(place, name, { PASSWORD: 'secret-value' });
  await writeInto(directory, composeFile, compose);
  return directory;
}

test('it and its files are for nobody else', async () => {
  const directory = await make('one');
  expect(directory).toBe(path.join(dataDir, 'ops/sandboxes/one'));
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  for (const file of ['.env', composeFile]) expect(statSync(path.join(directory, file)).mode & 0o777).toBe(0o600);
  expect(await lookAt(place, 'one')).toEqual({ exists: true, has_compose: true, has_env: true });
  expect(await generatedValues(place, 'one')).toEqual(['secret-value']);
  await removeDirectory(place, 'one');
  expect(await lookAt(place, 'one')).toEqual({ exists: false, has_compose: false, has_env: false });
});

test.each([
  '..',
  '.',
  '',
  '/etc',
  'a/b',
  '../outside',
  'a..b/..',
  '.hidden',
  '-x',
  '_x',
  'A',
  'a\0b',
  'é',
  'a'.repeat(64),
])('%j is no name of one', async (name) => {
  expect(sandboxName.safeParse(name).success).toBe(false);
  await expect(make(name)).rejects.toThrow();
  await expect(removeDirectory(place, name)).rejects.toThrow();
  expect((await lookAt(place, name)).exists).toBe(false);
  await expect(openDirectory(place, name, null)).rejects.toMatchObject({ code: 'DIR_NOT_FOUND' });
  expect(readFileSync(path.join(outside, 'kept'), 'utf8')).toBe('kept');
});

test('a link in its place is replaced when it is made, and never followed', async () => {
  await make('other');
  symlinkSync(outside, path.join(place.root, 'one'));
  expect((await lookAt(place, 'one')).exists).toBe(false);
  await expect(openDirectory(place, 'one', null)).rejects.toMatchObject({ code: 'DIR_NOT_FOUND' });
  const directory = await make('one');
  expect(lstatSync(directory).isDirectory()).toBe(true);
  expect(readFileSync(path.join(outside, 'kept'), 'utf8')).toBe('kept');
  await removeDirectory(place, 'one');
  symlinkSync(outside, path.join(place.root, 'one'));
  await removeDirectory(place, 'one');
  expect(readFileSync(path.join(outside, 'kept'), 'utf8')).toBe('kept');
});

test('a link in the place of its files is not followed', async () => {
  const directory = await make('one', 'services: {}\n');
  rmSync(path.join(directory, composeFile));
  symlinkSync(path.join(outside, 'kept'), path.join(directory, composeFile));
  await expect(openDirectory(place, 'one', hashOf('kept'))).rejects.toMatchObject({ code: 'NO_COMPOSE' });
  await writeInto(directory, composeFile, 'new');
  expect(readFileSync(path.join(outside, 'kept'), 'utf8')).toBe('kept');
  expect(await openDirectory(place, 'one', hashOf('new'))).toEqual({ directory, compose: 'new' });
});

test('a document that was changed is not the one that was made', async () => {
  const directory = await make('one', 'services: {}\n');
  const hash = hashOf('services: {}\n');
  expect(await openDirectory(place, 'one', hash)).toMatchObject({ compose: 'services: {}\n' });
  writeFileSync(path.join(directory, composeFile), 'services: {a: {privileged: true}}\n');
  await expect(openDirectory(place, 'one', hash)).rejects.toMatchObject({ code: 'NO_COMPOSE' });
});
