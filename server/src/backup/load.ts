import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { prepareSchema } from '../capabilities/lake/targets/postgres/build/store.ts';
import { type Connection, openDatabase } from '../core/db/database.ts';
import { type Migrations, migrate } from '../core/db/migrate.ts';
import { AppError } from '../core/errors.ts';
import { syncPath } from '../core/files.ts';
import { migrateEngine } from '../core/jobs/engine-database.ts';
import type { Logger } from '../core/log.ts';
import { allMigrations } from '../migrations.ts';
import { builtSchema, isToMake, loadBuilt } from './built-tables.ts';
import type { CheckedBackup } from './check.ts';
import type { Manifest } from './manifest.ts';
import * as tables from './tables.ts';

/** Refuses a backup of a newer release: its tables are not known here. */
export function requireKnown(manifest: Manifest): void {
  const known = new Set(allMigrations.flatMap((slice) => Object.keys(slice)));
  const unknown = manifest.migrations.filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new AppError(
    'CONFLICT',
    `This backup is of Tutti ${manifest.version}, whose tables this release does not know (${unknown.join(', ')}).`,
    `Restore it with Tutti ${manifest.version} or newer.`,
  );
}

/**
 * Brings a backup's rows into an empty database: its own schema first, then all rows in one transaction, then what this
 * release changed since. A restore that is cut off leaves no rows at all.
 */
export async function loadDatabase(backup: CheckedBackup, connection: Connection, log: Logger): Promise<void> {
  const { manifest } = backup;
  const database = openDatabase(connection, log, { max: 2 });
  const client = new pg.Client({ ...connection, application_name: 'tutti restore' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await tables.settleSession(client);
    await requireEmpty(client);
    await migrate(database.db, upTo(manifest.migrations));
    if (manifest.tables.some((table) => table.schema === 'dbos')) await migrateEngine(connection, database.db, log);
    if (manifest.tables.some((table) => table.schema === builtSchema)) await prepareSchema(database.db);
    await requireColumns(client, manifest);
    await client.query('begin');
    for (const dump of await tables.byReference(client, manifest.tables)) {
      const load = () => tables.loadTable(client, dump, backup.read(dump.part));
      if (!(await isToMake(client, dump))) await load();
      else if (!(await loadBuilt(client, dump, load)))
        log.warn({ table: dump.name }, 'this PostgreSQL cannot hold the table of an index, which is told as lost');
    }
    for (const sequence of manifest.sequences) await tables.setSequence(client, sequence);
    await client.query('commit');
    await migrate(database.db, allMigrations);
  } finally {
    await client.end();
    await database.close();
  }
}

/** Puts the files of a backup where the server looks for them, readable by its owner only. */
export async function loadFiles(backup: CheckedBackup, dataDir: string): Promise<void> {
  const directories = new Set<string>();
  for (const { name } of backup.manifest.parts.filter((part) => !part.name.startsWith('tables/'))) {
    const file = path.join(dataDir, ...name.split('/'));
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await pipeline(backup.read(name), createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true }));
    directories.add(path.dirname(file));
  }
  for (const directory of directories) await syncPath(directory);
}

function upTo(names: readonly string[]): Migrations[] {
  const wanted = new Set(names);
  return allMigrations.map((slice) => Object.fromEntries(Object.entries(slice).filter(([name]) => wanted.has(name))));
}

async function requireEmpty(client: pg.Client): Promise<void> {
  if ((await tables.listTables(client)).length === 0) return;
  throw new AppError(
    'CONFLICT',
    'The database has tables already; a restore never mixes with what is there.',
    'Make an empty database and name it with --database-url, or leave that out to use the embedded one.',
  );
}

async function requireColumns(client: pg.Client, manifest: Manifest): Promise<void> {
  const here = new Map((await tables.listTables(client)).map((table) => [`${table.schema}.${table.name}`, table]));
  for (const { schema, name, columns, shape } of manifest.tables) {
    if (shape && !here.has(`${schema}.${name}`)) continue;
    const known = new Set(here.get(`${schema}.${name}`)?.columns.map((column) => column.name));
    const unknown = columns.filter((column) => !known.has(column));
    if (unknown.length === 0) continue;
    throw new AppError(
      'CONFLICT',
      `This release has no place for ${schema}.${name} (${unknown.join(', ')}) of the backup.`,
      `Restore it with Tutti ${manifest.version}, then upgrade.`,
    );
  }
}
