import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clusterUrl } from '../../test/support/database.ts';
import { dropDatabase } from '../../test/support/drop-database.ts';
import { withDatabase } from '../../test/support/template.ts';
import {
  createBuild,
  findBuild,
  indexBuild,
  prepareSchema,
} from '../capabilities/lake/targets/postgres/build/store.ts';
import { auditMigrations, insertEntry } from '../core/audit/store.ts';
import { authMigrations } from '../core/auth/store.ts';
import { createToken } from '../core/auth/tokens.ts';
import { type Database, openDatabase } from '../core/db/database.ts';
import { migrate } from '../core/db/migrate.ts';
import { appendEvent, eventMigrations } from '../core/events/store.ts';
import { jobMigrations } from '../core/jobs/store.ts';
import { createLog } from '../core/log.ts';
import { objectMigrations } from '../core/objects/store.ts';
import { allMigrations } from '../migrations.ts';
import { checkBackup } from './check.ts';
import { createBackup } from './create.ts';
import { loadDatabase, requireKnown } from './load.ts';

const log = createLog('error');
const directory = mkdtempSync(path.join(tmpdir(), 'tutti-load-'));
let admin: Database;
const opened: { readonly name: string; readonly database: Database }[] = [];
beforeAll(() => {
  admin = openDatabase({ connectionString: clusterUrl() }, log, { max: 1 });
});
afterAll(async () => {
  for (const { name, database } of opened) {
    await database.close();
    await dropDatabase(admin.db, name);
  }
  await admin.close();
  rmSync(directory, { recursive: true });
});

async function emptyDatabase(): Promise<Database> {
  const name = `load_${randomBytes(6).toString('hex')}`;
  await sql`create database ${sql.id(name)}`.execute(admin.db);
  const database = openDatabase({ connectionString: withDatabase(clusterUrl(), name) }, log, { max: 2 });
  opened.push({ name, database });
  return database;
}

const event = (subject: string) => ({ type: 'dataset.updated', subject, toolset: 'lake', data: {} }) as never;
const odd = 'tab\there, "quotes", \\N, back\\slash,\nnew line, ünï💾';

test('the tables of an earlier release come back and are brought up to date', async () => {
  const [before, after] = [await emptyDatabase(), await emptyDatabase()];
  await migrate(before.db, [authMigrations, jobMigrations, objectMigrations, eventMigrations, auditMigrations]);
  await createToken(before.db, { name: odd, grants: ['reader', 'lake:write'], expiresAt: new Date(4e12) });
  for (const subject of ['dataset:b', 'dataset:a']) await appendEvent(before.db, event(subject));
  await insertEntry(before.db, 'aud_1', {
    ...{ principal_id: null, principal_name: odd, tool: 't', effect: 'write', outcome: 'ok' },
    ...{ subject: null, input_hmac: null, detail: { odd } },
  } as never);
  const all = async (table: string, on: Database, columns = '*') =>
    (await sql`select ${sql.raw(columns)} from ${sql.id(table)} order by 1`.execute(on.db)).rows;

  const file = path.join(directory, 'old.tar');
  await createBackup(before.connection, directory, file);
  const backup = await checkBackup(file);
  requireKnown(backup.manifest);
  await loadDatabase(backup, after.connection, log);

  // What was signed stays as it was; events keep their order and are older than whatever comes next.
  for (const table of ['principals', 'tokens', 'audit_entries']) {
    expect(await all(table, after), table).toEqual(await all(table, before));
    expect(await all(table, after)).toHaveLength(1);
  }
  expect(await all('events', after, 'seq, subject, xid::text')).toEqual([
    { seq: 1, subject: 'dataset:b', xid: '3' },
    { seq: 2, subject: 'dataset:a', xid: '3' },
  ]);
  await appendEvent(after.db, event('dataset:c'));
  expect((await all('events', after, 'seq'))[2]).toEqual({ seq: 3 });
  const names = (await all('tutti_migrations', after, 'name')) as { name: string }[];
  expect(new Set(names.map(({ name }) => name))).toEqual(new Set(allMigrations.flatMap((slice) => Object.keys(slice))));

  await expect(loadDatabase(backup, after.connection, log)).rejects.toThrow('has tables already');
});

test('a backup of a later release is refused', async () => {
  const { manifest } = await checkBackup(path.join(directory, 'old.tar'));
  const later = { ...manifest, version: '9.0.0', migrations: [...manifest.migrations, 'lake.9999-later'] };
  expect(() => requireKnown(later)).toThrow(/Tutti 9\.0\.0.*lake\.9999-later/);
});

test('tables of indexes come back with their columns, key, comments and indexes', async () => {
  const [before, after] = [await emptyDatabase(), await emptyDatabase()];
  await migrate(before.db, allMigrations.slice());
  await prepareSchema(before.db);
  const columns = (['string', 'integer', 'number', 'boolean', 'date', 'json'] as const).map((type) => ({
    name: `${type} "${odd}"`.replaceAll('\n', ' '),
    type,
  }));
  await createBuild(before.db, 'idx_1', columns, undefined);
  await createBuild(before.db, 'idx_2', [], undefined);
  await sql`insert into lake_index.idx_1 (id_hash, id, object_key, object_hash, ordinal, text, words, c0, c2, c4)
    values ('\\x01ff', ${odd}, 'a.csv', -7, 0, ${odd}, to_tsvector('english', ${odd}), ${odd}, 'NaN', '2021-05-02')`.execute(
    before.db,
  );
  await indexBuild(before.db, 'idx_1');

  const file = path.join(directory, 'built.tar');
  await createBackup(before.connection, directory, file);
  await loadDatabase(await checkBackup(file), after.connection, log);

  const asked = [
    sql`select * from lake_index.idx_1`,
    sql`select id, step, created_at from lake_index.builds order by id`,
    sql`select indexdef from pg_indexes where schemaname = 'lake_index' order by indexname`,
    sql`select c.relname, a.attname, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull, l.collname,
      col_description(c.oid, a.attnum) as comment
      from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_collation l on l.oid = a.attcollation
      where c.relnamespace = 'lake_index'::regnamespace and c.relkind = 'r' and a.attnum > 0 order by 1, a.attnum`,
  ];
  for (const question of asked) {
    const { rows } = await question.execute(before.db);
    expect(rows.length).toBeGreaterThan(0);
    expect((await question.execute(after.db)).rows).toEqual(rows);
  }
  // What steps of a build that was under way do next.
  await sql`insert into lake_index.builds (id, step) values ('idx_3', 0)`.execute(after.db);
  expect(await findBuild(after.db, 'idx_1')).toBe(0);
});
