import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readClusterPid } from '../support/cluster-pid.ts';
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

const acknowledged: string[] = [];
const refusals = new Set<number>();
let count = 0;

/** Registers datasets, four at a time, until told to stop; only what was answered counts. */
async function register(until: AbortSignal): Promise<void> {
  const one = async () => {
    while (!until.aborted) {
      count += 1;
      const name = `kill-${count}`;
      try {
        const { status } = await server.call('register_dataset', { name, uri: `tutti://${name}` });
        if (status === 200) acknowledged.push(name);
        else refusals.add(status);
      } catch {
        await sleep(50); // the server is away: this one was never acknowledged
      }
    }
  };
  await Promise.all([one(), one(), one(), one()]);
}

async function allNames(): Promise<Set<string>> {
  const names = new Set<string>();
  let page: unknown;
  do {
    const { body } = await server.call('list_datasets', { page_size: 200, ...(page ? { page } : {}) });
    for (const item of body.items as { name: string }[]) names.add(item.name);
    page = body.next_page;
  } while (page);
  return names;
}

test('a second server on the same data directory says where the first listens, and the first goes on', async () => {
  const second = await runTutti(['serve', '--port', '0', '--data-dir', dataDir]);
  expect(second).toMatchObject({ code: 0 });
  expect(second.output).toContain(server.url);
  expect(await server.call('list_capabilities', {})).toMatchObject({ status: 200 });
});

test('kills of Node and of PostgreSQL lose no dataset that was acknowledged', async () => {
  const done = new AbortController();
  const registering = register(done.signal);
  for (let round = 0; round < 4; round += 1) {
    const before = acknowledged.length;
    while (acknowledged.length < before + 20) await sleep(10);
    if (round % 2 === 0) {
      await server.kill();
      server = await serveProcess(dataDir);
    } else {
      process.kill(readClusterPid(dataDir), 'SIGKILL');
    }
  }
  const before = acknowledged.length;
  while (acknowledged.length < before + 20) await sleep(10);
  done.abort();
  await registering;
  const names = await allNames();
  expect(acknowledged.filter((name) => !names.has(name))).toEqual([]);
  expect(acknowledged.length).toBeGreaterThanOrEqual(100);
  // A database that is away is no fault of the caller's and no riddle: it says to try again.
  expect([...refusals].filter((status) => status !== 503)).toEqual([]);
});

test('a stop ends in order, leaves no PostgreSQL behind, and a new start has everything', async () => {
  const pid = readClusterPid(dataDir);
  expect(await server.stop()).toBe(0);
  expect(() => readClusterPid(dataDir)).toThrow();
  expect(isAlive(pid)).toBe(false);
  server = await serveProcess(dataDir);
  const names = await allNames();
  expect(acknowledged.every((name) => names.has(name))).toBe(true);
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
