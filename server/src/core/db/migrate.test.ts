import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clusterUrl } from '../../../test/support/database.ts';
import { dropDatabase } from '../../../test/support/drop-database.ts';
import { withDatabase } from '../../../test/support/template.ts';
import { createLog } from '../log.ts';
import { type Database, openDatabase } from './database.ts';
import { type Migrations, migrate, sqlMigration } from './migrate.ts';

const log = createLog('error');
const name = `test_${randomBytes(6).toString('hex')}`;
let server: Database;
let databases: Database[];
beforeAll(async () => {
  server = openDatabase({ connectionString: clusterUrl() }, log, { max: 1 });
  await sql`create database ${sql.id(name)}`.execute(server.db);
  // Each with a pool of its own, like processes that start at the same time.
  const url = withDatabase(clusterUrl(), name);
  databases = [1, 2, 3].map(() => openDatabase({ connectionString: url }, log));
});
afterAll(async () => {
  await Promise.all(databases.map((database) => database.close()));
  await dropDatabase(server.db, name);
  await server.close();
});

const core: Migrations = {
  'core.0001-things': sqlMigration('create table if not exists things (id text primary key);'),
  'core.0002-first': sqlMigration(`insert into things values ('first');`),
};
const lake: Migrations = { 'lake.0001-pools': sqlMigration('create table if not exists pools (id text);') };
const db = () => (databases[0] as Database).db;
const tables = async () => {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_name not like 'tutti_%' order by 1`.execute(db());
  return rows.map((row) => row.name);
};
const things = async () => (await sql<{ id: string }>`select id from things order by 1`.execute(db())).rows;

test('several processes migrate an empty database at once, and each step runs once', async () => {
  await Promise.all(databases.map((database) => migrate(database.db, [core])));
  expect(await tables()).toEqual(['things']);
  expect(await things()).toEqual([{ id: 'first' }]);
});

test('once more changes nothing', async () => {
  await migrate(db(), [core]);
  expect(await things()).toEqual([{ id: 'first' }]);
});

test('slices grow side by side, in whatever order of names', async () => {
  await migrate(db(), [core, lake]);
  const later: Migrations = { ...core, 'core.0003-second': sqlMigration(`insert into things values ('second');`) };
  await migrate(db(), [later, lake]);
  expect(await tables()).toEqual(['pools', 'things']);
  expect(await things()).toEqual([{ id: 'first' }, { id: 'second' }]);
});

test('a step that fails is told, and runs when it is mended', async () => {
  const known: Migrations = { ...core, 'core.0003-second': sqlMigration('select 1') };
  const broken: Migrations = { 'ops.0001-broken': sqlMigration('create table jars (id text); select nonsense;') };
  await expect(migrate(db(), [known, lake, broken])).rejects.toThrow('nonsense');
  expect(await tables()).toEqual(['pools', 'things']);
  await migrate(db(), [known, lake, { 'ops.0001-broken': sqlMigration('create table jars (id text);') }]);
  expect(await tables()).toEqual(['jars', 'pools', 'things']);
});

test('two migrations of one name are a programming error', async () => {
  await expect(migrate(db(), [core, core])).rejects.toThrow('defined twice');
});
