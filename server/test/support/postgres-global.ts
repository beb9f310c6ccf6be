import { rm } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../../src/core/db/database.ts';
import { openEmbedded } from '../../src/core/db/embedded.ts';
import { createLog } from '../../src/core/log.ts';
import { makeTempDir } from './temp-dir.ts';
import { databaseUrl, migrateEverything, templateDatabase } from './template.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A PostgreSQL for each of the run's workers. */
    postgresUrls: string[];
  }
}

/**
 * A PostgreSQL for each worker, with a migrated template that its test files copy. Not one for all: events and audit
 * entries wait for every open writer of a cluster, also for those of another worker's test.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const clusters = await Promise.all(Array.from({ length: project.vitest.config.maxWorkers }, startCluster));
  project.provide(
    'postgresUrls',
    clusters.map(({ url }) => url),
  );
  return async () => {
    await Promise.all(clusters.map(({ stop }) => stop()));
  };
}

async function startCluster(): Promise<{ url: string; stop(): Promise<void> }> {
  const log = createLog('warn');
  const directory = makeTempDir('test');
  const postgres = await openEmbedded(directory, log);
  const { user, password, host } = postgres.connection;
  const url = databaseUrl({ user, password, host, database: 'tutti' });
  const { db, close } = openDatabase({ connectionString: url }, log);
  await migrateEverything(db, url, templateDatabase);
  await close();
  return {
    url,
    async stop() {
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
