import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findServer, requireToken } from './connection.ts';
import { readEnvironment } from './settings.ts';

let dataDir: string;
const own = 'http://127.0.0.1:4711';
const bare = (more = {}) => ({ url: undefined, token: undefined, dataDir, ...more });
const note = (pid: number) => writeFile(path.join(dataDir, 'server.json'), JSON.stringify({ pid, url: own }));

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'tutti-client-'));
  await writeFile(path.join(dataDir, 'admin.token'), 'secret\n');
  await note(process.pid);
});
afterAll(() => rm(dataDir, { recursive: true }));

test('the data directory gives address and token', () => {
  expect(findServer({}, bare())).toEqual({ url: own, token: 'secret' });
  expect(findServer({ dataDir }, bare({ url: 'http://other', dataDir: '/nonexistent' }))).toEqual({
    url: own,
    token: 'secret',
  });
});

test('flags come before variables', () => {
  const environment = bare({ url: 'http://variable', token: 'variable' });
  expect(findServer({}, environment)).toEqual({ url: 'http://variable', token: 'variable' });
  expect(findServer({ url: 'http://flag', token: 'flag' }, environment)).toEqual({ url: 'http://flag', token: 'flag' });
});

test('the token of the data directory goes to its own server alone', () => {
  expect(findServer({ url: `${own}/` }, bare()).token).toBe('secret');
  const other = findServer({ url: 'http://other.example' }, bare());
  expect(other.token).toBeUndefined();
  expect(() => requireToken(other)).toThrow(expect.objectContaining({ code: 'UNAUTHENTICATED' }));
});

test('the note of a server that ended is no server: another program may listen there by now', async () => {
  await note(2 ** 30);
  expect(() => findServer({}, bare())).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
  expect(findServer({ url: own }, bare()).token).toBeUndefined();
  await note(process.pid);
});

test('a word that is no address is said to be none', () => {
  expect(() => findServer({ url: 'here' }, bare({ dataDir: '/nonexistent' }))).toThrow(
    expect.objectContaining({ code: 'VALIDATION_FAILED' }),
  );
});

test('variables name the server; empty ones are not set', () => {
  const given = { TUTTI_URL: 'http://a', TUTTI_TOKEN: 't', TUTTI_DATA_DIR: '/d' };
  expect(readEnvironment(given)).toEqual({ url: 'http://a', token: 't', dataDir: '/d' });
  const { url, token, dataDir: usual } = readEnvironment({ TUTTI_URL: '', TUTTI_TOKEN: '', XDG_DATA_HOME: '/x' });
  expect([url, token]).toEqual([undefined, undefined]);
  expect(usual).toBe(process.getuid?.() === 0 ? '/var/lib/tutti' : '/x/tutti');
});
