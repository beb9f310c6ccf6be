import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/core/db/database.ts';
import { createLog } from '../../src/core/log.ts';
import { clusterUrl } from '../support/database.ts';
import { dropDatabase } from '../support/drop-database.ts';
import { withDatabase } from '../support/template.ts';

const run = promisify(execFile);
const script = path.join(import.meta.dirname, '../support/migrate-process.ts');

test('migrations may run twice, and from several processes at once', async () => {
  const admin = openDatabase({ connectionString: clusterUrl() }, createLog('error'), { max: 1 });
  const name = `test_${randomBytes(6).toString('hex')}`;
  await sql`create database ${sql.id(name)}`.execute(admin.db);
  const url = withDatabase(clusterUrl(), name);
  await Promise.all([1, 2, 3].map(() => run(process.execPath, [script, url])));
  await run(process.execPath, [script, url]);
  const database = openDatabase({ connectionString: url }, createLog('error'), { max: 1 });
  const { rows } = await sql<{ name: string }>`select name from tutti_migrations order by name`.execute(database.db);
  expect(rows.map((row) => row.name)).toContain('core.0003-jobs');
  expect(new Set(rows.map((row) => row.name)).size).toBe(rows.length);
  const tables = await sql`select 1 from jobs, datasets, dbos.workflow_status limit 0`.execute(database.db);
  expect(tables.rows).toEqual([]);
  await database.close();
  await dropDatabase(admin.db, name);
  await admin.close();
});
