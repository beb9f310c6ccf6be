import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { type Database, openDatabase } from '../../src/core/db/database.ts';
import { createLog } from '../../src/core/log.ts';
import { dropDatabase } from './drop-database.ts';
import { createBucket, s3Flags } from './s3.ts';
import {
  type Running,
  runTutti,
  type ServeProcess,
  serveProcess,
  type WorkerProcess,
  workerProcess,
} from './serve-process.ts';
import { makeTempDir } from './temp-dir.ts';
import { withDatabase } from './template.ts';

/** One PostgreSQL database, one bucket and one directory of keys, and the processes that a test starts on them. */
export interface Site {
  readonly database: Database;
  readonly databaseUrl: string;
  readonly keysDir: string;
  /** What all processes of the site are started with. */
  readonly flags: readonly string[];
  /** What leads a command to the database and the keys. */
  readonly commandFlags: readonly string[];
  /** The data directory of a process by its name. */
  directory(name: string): string;
  serve(name: string, flags?: readonly string[]): Promise<ServeProcess>;
  worker(name: string, flags?: readonly string[]): Promise<WorkerProcess>;
  close(): Promise<void>;
}

/** Calls as fast as a test can; a process that hangs is given up soon. */
const impatient = ['--limits-calls-per-minute', '1000000', '--jobs-dead-after-s', '4', '--jobs-drain-s', '2'];

/** A site on the services that the environment names. */
export async function createSite(): Promise<Site> {
  const service = process.env.TEST_POSTGRES_URL;
  if (!service) throw new Error('Set TEST_POSTGRES_URL, as .ci/run does.');
  const name = `tutti_${randomBytes(6).toString('hex')}`;
  const databaseUrl = withDatabase(service, name);
  const admin = openDatabase({ connectionString: service }, createLog('error'), { max: 1 });
  await sql`create database ${sql.id(name)}`.execute(admin.db);
  const database = openDatabase({ connectionString: databaseUrl }, createLog('error'), { max: 4 });
  const root = makeTempDir('several');
  const keysDir = path.join(root, 'keys');
  await runTutti(['keys', 'make', '--keys-dir', keysDir, '--data-dir', path.join(root, 'none')]);
  const bucket = [...s3Flags(await createBucket(), root), '--lake-indexes', 's3'];
  const commandFlags = ['--database-url', databaseUrl, '--keys-dir', keysDir];
  const flags = [...commandFlags, ...bucket, ...impatient];
  const started: Running[] = [];
  const keep = <T extends Running>(running: T): T => {
    started.push(running);
    return running;
  };
  const directory = (of: string) => path.join(root, of);
  return {
    database,
    databaseUrl,
    keysDir,
    flags,
    commandFlags,
    directory,
    serve: async (of, more = []) => keep(await serveProcess(directory(of), [...flags, ...more])),
    worker: async (of, more = []) => keep(await workerProcess(directory(of), [...flags, ...more])),
    async close() {
      await Promise.all(started.map((running) => running.kill()));
      await database.close();
      await dropDatabase(admin.db, name);
      await admin.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
