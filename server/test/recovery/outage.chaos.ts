import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedPostgres, openEmbedded } from '../../src/core/db/embedded.ts';
import { createLog } from '../../src/core/log.ts';
import { readClusterPid } from '../support/cluster-pid.ts';
import { liveThrough, type Outage } from '../support/outage.ts';
import { processFamily, signalProcess } from '../support/process-family.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { databaseUrl } from '../support/template.ts';

const log = createLog('error');
const flags = ['--limits-calls-per-minute', '1000000', '--log-level', 'error'];
const [clusterDir, dataDir, ownDir] = [makeTempDir('outage-pg'), makeTempDir('outage'), makeTempDir('outage-own')];
let postgres: EmbeddedPostgres;
let url: string;
let server: ServeProcess;
beforeAll(async () => {
  postgres = await openEmbedded(clusterDir, log);
  const { user, password, host } = postgres.connection;
  url = databaseUrl({ user, password, host, database: 'tutti' });
  server = await serveProcess(dataDir, ['--database-url', url, ...flags]);
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
  for (const directory of [clusterDir, dataDir, ownDir]) rmSync(directory, { recursive: true, force: true });
});

/** Runs statements beside the database that the server uses. */
async function beside(...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ ...postgres.connection, database: 'template1' });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

const endBackends = `select pg_terminate_backend(pid) from pg_stat_activity where datname = 'tutti'`;
let paused: number[] = [];

const outages: Record<string, Outage> = {
  stopped: {
    begin: () => postgres.stop(),
    async end() {
      postgres = await openEmbedded(clusterDir, log);
    },
  },
  paused: {
    async begin() {
      paused = processFamily(postgres.pid() as number);
      for (const pid of paused) signalProcess(pid, 'SIGSTOP');
    },
    async end() {
      for (const pid of paused) signalProcess(pid, 'SIGCONT');
    },
  },
  refusing: {
    begin: () => beside('alter database tutti allow_connections false', endBackends),
    end: () => beside('alter database tutti allow_connections true'),
  },
  cutting: {
    momentary: true,
    async begin() {
      for (let n = 0; n < 10; n += 1) {
        await beside(endBackends);
        await sleep(200);
      }
    },
    end: async () => undefined,
  },
};

for (const [name, outage] of Object.entries(outages)) {
  test(`a server by URL lives through a database that is ${name}`, () => liveThrough(server, name, outage));
}

test('a server lives through the death of its own PostgreSQL', async () => {
  const own = await serveProcess(ownDir, flags);
  try {
    await liveThrough(own, 'own', {
      momentary: true,
      begin: async () => void process.kill(readClusterPid(ownDir), 'SIGKILL'),
      end: async () => undefined,
    });
  } finally {
    expect(await own.stop()).toBe(0);
  }
});

test('a server stops in order though its database is away, and is whole again after', async () => {
  await outages.stopped?.begin();
  await sleep(1000);
  expect(await server.stop()).toBe(0);
  await outages.stopped?.end();
  server = await serveProcess(dataDir, ['--database-url', url, ...flags]);
  expect(await server.call('list_datasets', { page_size: 1 })).toMatchObject({ status: 200 });
});
