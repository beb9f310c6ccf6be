import { DBOS } from '@dbos-inc/dbos-sdk';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { createPool } from '../../server/src/core/db/database.ts';
import { createLog } from '../../server/src/core/log.ts';
import type { PostgresConnection } from '../support/postgres-process.ts';
import { serveChild } from '../support/serve-child.ts';
import { type Load, lanes } from './load.ts';

export interface PeersSettings {
  readonly connection: PostgresConnection;
  readonly url: string;
}

/** Does the calls of a load, each by `call`, in the same order and as many at once as a workflow would. */
async function follow({ chain, items, runs }: Load, call: (n: number) => Promise<unknown>): Promise<void> {
  const row = async () => {
    for (let n = 0; n < chain; n += 1) await call(n);
  };
  let next = 0;
  const lane = async () => {
    while (next < items) {
      next += 1;
      await call(next);
    }
  };
  await Promise.all([...Array.from({ length: runs }, row), ...Array.from({ length: lanes }, lane)]);
}

/** A process with a bare MCP client, and with the bare engine around it: one step a call. */
await serveChild(async ({ connection, url }: PeersSettings, undo) => {
  const client = new Client({ name: 'bench', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)) as Transport);
  undo(() => client.close());
  const call = (n: number) => client.callTool({ name: 'echo', arguments: { n } });
  const pool = createPool(connection, createLog('error'), 16);
  undo(() => pool.end());
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: 'postgresql://bench@localhost/bench',
    systemDatabasePool: pool,
    executorID: `bench-${process.pid}`,
    applicationVersion: 'bench',
    logger: { info() {}, debug() {}, warn() {}, error: (entry: unknown) => console.error(entry) },
    useListenNotify: false,
  });
  const one = DBOS.registerWorkflow(
    (load: Load) => follow(load, (n) => DBOS.runStep(() => call(n), { name: 'call' })),
    { name: 'one' },
  );
  undo(() => DBOS.shutdown({ workflowCompletionTimeoutMS: 1000 }));
  await DBOS.launch();
  return {
    info: null,
    commands: {
      client: (load: Load) => follow(load, call),
      async dbos(load: Load): Promise<void> {
        const alone = { ...load, runs: Math.min(load.runs, 1) };
        await Promise.all(Array.from({ length: Math.max(load.runs, 1) }, () => one(alone)));
      },
    },
  };
});
