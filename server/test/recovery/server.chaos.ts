import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readClusterPid } from '../support/cluster-pid.ts';
import { datasetNames, keepWriting, type Writing } from '../support/outcomes.ts';
import { runTutti, type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';

let dataDir: string;
let server: ServeProcess;
beforeAll(async () => {
  dataDir = makeTempDir('kill');
  server = await serveProcess(dataDir);
});
afterAll(async () => {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

let writing: Writing;

test('a second server on the same data directory says where the first listens, and the first goes on', async () => {
  const second = await runTutti(['serve', '--port', '0', '--data-dir', dataDir]);
  expect(second).toMatchObject({ code: 0 });
  expect(second.output).toContain(server.url);
  expect(await server.call('list_capabilities', {})).toMatchObject({ status: 200 });
});

test('kills of Node and of PostgreSQL lose no dataset that was acknowledged', async () => {
  writing = keepWriting(() => server, 'kill');
  for (let round = 0; round < 4; round += 1) {
    await writing.more(20);
    if (round % 2 === 0) {
      await server.kill();
      server = await serveProcess(dataDir);
    } else {
      process.kill(readClusterPid(dataDir), 'SIGKILL');
    }
  }
  await writing.more(20);
  await writing.stop();
  const names = await datasetNames(server);
  expect(writing.acknowledged.filter((name) => !names.has(name))).toEqual([]);
  expect(writing.acknowledged.length).toBeGreaterThanOrEqual(100);
  // A database that is away is no fault of the caller's and no riddle: it says to try again. A kill may cut an answer off.
  expect(writing.others.filter(({ kind, status }) => kind === 'wrong' && status !== 200)).toEqual([]);
});

test('a stop ends in order, leaves no PostgreSQL behind, and a new start has everything', async () => {
  const pid = readClusterPid(dataDir);
  expect(await server.stop()).toBe(0);
  expect(() => readClusterPid(dataDir)).toThrow();
  expect(isAlive(pid)).toBe(false);
  server = await serveProcess(dataDir);
  const names = await datasetNames(server);
  expect(writing.acknowledged.every((name) => names.has(name))).toBe(true);
  expect(readFileSync(path.join(dataDir, 'admin.token'), 'utf8').trim()).toBe(server.token);
});

function isAlive(pid: number): boolean {
  try {
    // A process that ended but was not waited for still has its id; its command line is empty then.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}
