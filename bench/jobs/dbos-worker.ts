import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import { createPool } from '../../server/src/core/db/database.ts';
import { createLog } from '../../server/src/core/log.ts';
import { serveChild, tell } from '../support/serve-child.ts';
import { concurrency, createGate, type EnqueueCommand, enginePool, enqueuePool, pollMs, type Worker } from './side.ts';

const queueName = 'bench';
const appVersion = 'bench';
const noUrl = 'postgresql://bench@localhost/bench';
const silent = { info() {}, debug() {}, warn() {}, error: (entry: unknown) => console.error(entry) };
const gate = createGate();

const noop = async () => {
  await DBOS.runStep(async () => null, { name: 'nothing' });
  await DBOS.runStep(async () => null, { name: 'finish' });
};

const hang = async () => {
  await DBOS.runStep(async () => tell('first'), { name: 'first' });
  await DBOS.runStep(
    async () => {
      tell('second');
      await gate.wait();
    },
    { name: 'second' },
  );
};

/** A process with the bare engine: the same steps and queue, no read model, no lease. */
await serveChild(async ({ connection }: Worker, undo) => {
  const log = createLog('error');
  const pool = createPool(connection, log, enginePool);
  undo(() => pool.end());
  const clientPool = createPool(connection, log, enqueuePool);
  undo(() => clientPool.end());
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: noUrl,
    systemDatabasePool: pool,
    executorID: `bench-${process.pid}`,
    applicationVersion: appVersion,
    logger: silent,
    useListenNotify: false,
  });
  DBOS.registerWorkflow(noop, { name: 'noop' });
  DBOS.registerWorkflow(hang, { name: 'hang' });
  undo(() => DBOS.shutdown({ workflowCompletionTimeoutMS: 1000 }));
  await DBOS.launch();
  await DBOS.registerQueue(queueName, {
    workerConcurrency: concurrency,
    minPollingIntervalMs: pollMs,
    onConflict: 'always_update',
  });
  const client = await DBOSClient.create({
    systemDatabaseUrl: noUrl,
    systemDatabasePool: clientPool,
    applicationName: 'bench',
    logger: silent,
  });
  undo(() => client.destroy());
  return {
    info: null,
    commands: {
      enqueue({ kind, count }: EnqueueCommand): Promise<string[]> {
        const one = async () => (await client.enqueue({ queueName, workflowName: kind, appVersion })).workflowID;
        return Promise.all(Array.from({ length: count }, one));
      },
      release: gate.release,
    },
  };
});
