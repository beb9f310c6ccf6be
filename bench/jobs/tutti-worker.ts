import { noAuthority } from '../../server/src/core/auth/authority.ts';
import { inTransaction, openDatabase } from '../../server/src/core/db/database.ts';
import { migrate } from '../../server/src/core/db/migrate.ts';
import { createJobs } from '../../server/src/core/jobs/engine.ts';
import type { JobHandler } from '../../server/src/core/jobs/handler.ts';
import { createLog } from '../../server/src/core/log.ts';
import { coreMigrations } from '../../server/src/migrations.ts';
import { serveChild, tell } from '../support/serve-child.ts';
import { concurrency, createGate, type EnqueueCommand, enqueuePool, type Worker } from './side.ts';

const gate = createGate();

const noop: JobHandler = {
  kind: 'bench.noop',
  version: 1,
  run: async ({ step }) => {
    await step('nothing', async () => null);
    return undefined;
  },
};

const hang: JobHandler = {
  kind: 'bench.hang',
  version: 1,
  run: async ({ step }) => {
    await step('first', async () => tell('first'));
    await step('second', async () => {
      tell('second');
      await gate.wait();
    });
    return undefined;
  },
};

/** A process with the product's engine. */
await serveChild(async ({ connection }: Worker, undo) => {
  const log = createLog('error');
  const database = openDatabase(connection, log, { max: enqueuePool });
  undo(() => database.close());
  const { db } = database;
  await migrate(db, coreMigrations);
  const jobs = createJobs({ connection, db, log, concurrency, deadAfterMs: 15_000, drainMs: 1000 });
  undo(() => jobs.stop());
  await jobs.start([noop, hang], []);
  return {
    info: null,
    commands: {
      enqueue({ kind, count }: EnqueueCommand): Promise<string[]> {
        const request = { kind: `bench.${kind}`, authority: noAuthority, input: {} };
        const one = async () => (await inTransaction(db, (tx) => jobs.enqueue(tx, request))).id;
        return Promise.all(Array.from({ length: count }, one));
      },
      release: gate.release,
    },
  };
});
