import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../src/core/db/database.ts';
import { createLog } from '../src/core/log.ts';
import { dropDatabase } from './support/drop-database.ts';
import { createStage, jobEnd, startEngine } from './support/engine.ts';
import { runTutti, serveProcess } from './support/serve-process.ts';
import { withDatabase } from './support/template.ts';

const service = process.env.TEST_POSTGRES_URL ?? '';
const name = `tutti_${randomBytes(6).toString('hex')}`;
const url = service && withDatabase(service, name);
let admin: Database;
let dataDir: string;

beforeAll(async () => {
  if (!service) throw new Error('Set TEST_POSTGRES_URL to a PostgreSQL that this test may make databases on.');
  admin = openDatabase({ connectionString: service }, createLog('error'), { max: 1 });
  await sql`create database ${sql.id(name)}`.execute(admin.db);
  dataDir = mkdtempSync(path.join(tmpdir(), 'tutti-url-'));
});
afterAll(async () => {
  await dropDatabase(admin.db, name);
  await admin.close();
  rmSync(dataDir, { recursive: true, force: true });
});

test('a server runs on a PostgreSQL by URL, and only one may without a shared object store', async () => {
  const server = await serveProcess(dataDir, ['--database-url', url]);
  const registered = await server.call('register_dataset', { name: 'by-url', uri: 'tutti://by-url' });
  expect(registered).toMatchObject({ status: 200, body: { name: 'by-url' } });
  const other = mkdtempSync(path.join(tmpdir(), 'tutti-url-'));
  const second = await runTutti(['serve', '--port', '0', '--data-dir', other, '--database-url', url]);
  rmSync(other, { recursive: true, force: true });
  expect(second.code).toBe(1);
  expect(second.output).toContain('S3');
  expect(await server.stop()).toBe(0);

  const again = await serveProcess(dataDir, ['--database-url', url]);
  expect(await again.call('list_datasets', {})).toMatchObject({ body: { items: [{ name: 'by-url' }] } });
  await again.kill();
});

test('a job is taken over on a PostgreSQL by URL', async () => {
  const stage = createStage();
  const database = openDatabase({ connectionString: url }, createLog('error'), { max: 2 });
  const settings = { databaseUrl: url, directory: stage.directory, deadAfterMs: 3000 };
  const first = await startEngine(settings);
  const id = await first.enqueue({ kind: 'test.five' });
  await stage.seen(/^3 begin/);
  const second = await startEngine(settings);
  await first.kill();
  stage.release('go');
  expect(await jobEnd(database.db, id)).toMatchObject({ state: 'succeeded' });
  expect(stage.lines().filter((line) => /^[12] end/.test(line))).toHaveLength(2);
  await second.kill();
  await database.close();
  stage.remove();
});
