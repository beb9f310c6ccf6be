import { createReadStream } from 'node:fs';
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { keptFiles } from '../capabilities/ops/sandboxes/directory.ts';
import type { Connection } from '../core/db/database.ts';
import { AppError } from '../core/errors.ts';
import { syncPath } from '../core/files.ts';
import { version } from '../core/version.ts';
import { builtSchema, holdBuilt, readShape } from './built-tables.ts';
import { type Hold, holdFiles, Vanished } from './hold.ts';
import { formatVersion, type Manifest, manifestHashName, manifestName, type TableDump } from './manifest.ts';
import * as tables from './tables.ts';
import { createTarWriter, type Part } from './tar.ts';

type Writer = ReturnType<typeof createTarWriter>;

const tries = 10;
const anchorName = 'audit-anchor.json';

interface Moment {
  readonly client: pg.Client;
  readonly hold: Hold;
  /** What the server knows of the audit trail outside of the database. */
  readonly anchor: Buffer | undefined;
}

/**
 * Writes a backup, whole or not at all. All rows are of one moment; files that they speak of are held from that moment on
 * until they are copied, so that the server may go on with its work.
 */
export async function createBackup(
  connection: Connection,
  dataDir: string,
  file: string,
  bucket?: string,
): Promise<Manifest> {
  if (await stat(file).catch(() => undefined)) {
    throw new AppError(
      'ALREADY_EXISTS',
      `${file} is there already.`,
      'Choose another name; a backup replaces nothing.',
    );
  }
  const draft = `${file}.${process.pid}.part`;
  const handle = await open(draft, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new AppError(
      'VALIDATION_FAILED',
      `${file} cannot be written: ${error.code}.`,
      'Name a file in a directory that is there and that you may write to.',
    );
  });
  try {
    const time = new Date();
    const manifest = await write(createTarWriter(handle, time), connection, dataDir, { time, bucket });
    await handle.close();
    await rename(draft, file);
    await syncPath(path.dirname(path.resolve(file)));
    return manifest;
  } catch (error) {
    await handle.close();
    await rm(draft, { force: true });
    throw error;
  }
}

async function write(
  tar: Writer,
  connection: Connection,
  dataDir: string,
  { time, bucket }: { readonly time: Date; readonly bucket: string | undefined },
): Promise<Manifest> {
  const { client, hold, anchor } = await oneMoment(connection, dataDir);
  try {
    const parts: Part[] = [];
    const dumps: TableDump[] = [];
    for (const table of await tables.listTables(client)) {
      const name = `tables/${table.schema}.${table.name}`;
      const { bytes, rows } = tables.dumpTable(client, table);
      parts.push(await tar.add(name, bytes));
      const columns = table.columns.map((column) => column.name);
      const shape = table.schema === builtSchema ? { shape: await readShape(client, table) } : {};
      dumps.push({ schema: table.schema, name: table.name, columns, rows: await rows, part: name, ...shape });
    }
    const manifest = {
      format: formatVersion,
      version,
      created_at: time.toISOString(),
      postgres: await tables.majorOf(client),
      migrations: await tables.readMigrations(client),
      tables: dumps,
      // A sequence follows no transaction: read last, it is ahead of all rows.
      sequences: await tables.readSequences(client),
    } as const;
    await client.query('commit');
    for (const [root, names] of [
      [hold.directory, ['objects', 'indexes']],
      [dataDir, ['objects/sha256', 'keys', 'secrets', 'admin.token']],
    ] as const) {
      for (const name of names)
        for (const found of await filesBelow(root, name)) parts.push(await addFile(tar, root, found));
    }
    for await (const { name, bytes } of keptFiles(dataDir)) parts.push(await tar.add(name, once(bytes)));
    if (anchor) parts.push(await tar.add(anchorName, once(anchor)));
    const whole: Manifest = { ...manifest, parts, ...(bucket !== undefined && { bucket }) };
    const text = Buffer.from(`${JSON.stringify(whole, null, 1)}\n`);
    const { sha256 } = await tar.add(manifestName, once(text));
    await tar.add(manifestHashName, once(Buffer.from(`${sha256}\n`)));
    await tar.end();
    return whole;
  } finally {
    await hold.release();
    await client.end().catch(() => undefined);
  }
}

/** A transaction that sees one moment, and the files of that moment. Begins again when one of them had just gone. */
async function oneMoment(connection: Connection, dataDir: string): Promise<Moment> {
  const client = new pg.Client({ ...connection, application_name: 'tutti backup' });
  client.on('error', () => undefined); // the query that it breaks reports it
  await client.connect();
  try {
    await tables.settleSession(client);
    // Until this session ends nothing is collected that the rows of that moment speak of.
    await tables.keepFromCollector(client);
    for (let attempt = 1; ; attempt += 1) {
      // Read first: an anchor may be older than the audit trail that it vouches for, never newer.
      const anchor = await readFile(path.join(dataDir, anchorName)).catch(() => undefined);
      await client.query('begin transaction isolation level repeatable read, read only');
      try {
        if (!(await holdBuilt(client))) throw new Vanished('of an index');
        return { client, hold: await holdFiles(dataDir, await tables.readStaged(client)), anchor };
      } catch (error) {
        if (!(error instanceof Vanished) || attempt === tries) throw asMissing(error);
        await client.query('rollback');
      }
    }
  } catch (error) {
    await client.end();
    throw error;
  }
}

/** Regular files at or below a name, in an order that stays. */
async function filesBelow(root: string, name: string): Promise<string[]> {
  const found = await stat(path.join(root, name)).catch(() => undefined);
  if (!found) return [];
  if (!found.isDirectory()) return [name];
  const entries = await readdir(path.join(root, name), { withFileTypes: true });
  const all: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const inner = `${name}/${entry.name}`;
    if (entry.isDirectory()) all.push(...(await filesBelow(root, inner)));
    else if (entry.isFile()) all.push(inner);
  }
  return all;
}

function addFile(tar: Writer, root: string, name: string): Promise<Part> {
  return tar.add(name, createReadStream(path.join(root, name)));
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function asMissing(error: unknown): unknown {
  if (!(error instanceof Vanished)) return error;
  return new AppError(
    'CONFLICT',
    `The bytes ${error.message} are missing from the data directory.`,
    'Check that --data-dir is the directory of this database, then see `tutti doctor`.',
  );
}
