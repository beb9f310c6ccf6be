import { rm } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../../src/core/db/database.ts';
import { openEmbedded } from '../../src/core/db/embedded.ts';
import { createLog } from '../../src/core/log.ts';
import { makeTempDir } from './temp-dir.ts';
import { databaseUrl, migrateEverything, templateDatabase } from './template.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
  }
}

/** One PostgreSQL for the whole run, with a migrated template that each test file copies. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const log = createLog('warn');
  const directory = makeTempDir('test');
  const postgres = await openEmbedded(directory, log);
  const { user, password, host } = postgres.connection;
  const url = databaseUrl({ user, password, host, database: 'tutti' });
  const { db, close } = openDatabase({ connectionString: url }, log);
  await migrateEverything(db, url, templateDatabase);
  await close();
  project.provide('postgresUrl', url);
  return async () => {
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  };
}
