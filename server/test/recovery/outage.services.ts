import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, test } from 'vitest';
import { type Database, openDatabase } from '../../src/core/db/database.ts';
import { createLog } from '../../src/core/log.ts';
import { dropDatabase } from '../support/drop-database.ts';
import { liveThrough } from '../support/outage.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { withDatabase } from '../support/template.ts';

const service = process.env.TEST_POSTGRES_URL ?? '';
const name = `tutti_${randomBytes(6).toString('hex')}`;
const dataDir = makeTempDir('outage-url');
let admin: Database;
let server: ServeProcess;
beforeAll(async () => {
  if (!service) throw new Error('Set TEST_POSTGRES_URL to a PostgreSQL that this test may make databases on.');
  admin = openDatabase({ connectionString: service }, createLog('error'), { max: 1 });
  await sql`create database ${sql.id(name)}`.execute(admin.db);
  const flags = ['--database-url', withDatabase(service, name), '--limits-calls-per-minute', '1000000'];
  server = await serveProcess(dataDir, [...flags, '--log-level', 'error']);
});
afterAll(async () => {
  await server?.stop();
  await dropDatabase(admin.db, name);
  await admin.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function endBackends(): Promise<void> {
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name}`.execute(admin.db);
}

async function allowConnections(allowed: boolean): Promise<void> {
  await sql`alter database ${sql.id(name)} allow_connections ${sql.lit(allowed)}`.execute(admin.db);
}

test('a server lives through a PostgreSQL by URL that takes no connections', () =>
  liveThrough(server, 'refusing', {
    async begin() {
      await allowConnections(false);
      await endBackends();
    },
    end: () => allowConnections(true),
  }));

test('a server lives through a PostgreSQL by URL that ends all connections again and again', () =>
  liveThrough(server, 'cutting', {
    momentary: true,
    async begin() {
      for (let n = 0; n < 10; n += 1) {
        await endBackends();
        await sleep(200);
      }
    },
    end: async () => undefined,
  }));
