import path from 'node:path';
import { sql } from 'kysely';
import { z } from 'zod';
import { createAudit } from '../../server/src/core/audit/audit.ts';
import { openHeadKey } from '../../server/src/core/audit/head-key.ts';
import { sealBatch } from '../../server/src/core/audit/seal.ts';
import type { Principal } from '../../server/src/core/auth/principal.ts';
import { createCatalogue } from '../../server/src/core/catalogue.ts';
import { inTransaction, openDatabase } from '../../server/src/core/db/database.ts';
import { openEmbedded } from '../../server/src/core/db/embedded.ts';
import { migrate } from '../../server/src/core/db/migrate.ts';
import { createInvoke } from '../../server/src/core/invoke.ts';
import { openKeys } from '../../server/src/core/keys.ts';
import { createLog } from '../../server/src/core/log.ts';
import { tool } from '../../server/src/core/tool.ts';
import { coreMigrations } from '../../server/src/migrations.ts';
import { makeDataDir } from '../support/data-dir.ts';
import { familyCpuMs } from '../support/processes.ts';
import { type Served, serveChild, type Undo } from '../support/serve-child.ts';

export type Way = 'insert' | 'transaction' | 'tool' | 'audited' | 'sealed';

export interface CallsCommand {
  readonly way: Way;
  readonly calls: number;
}

export interface CallsResult {
  readonly seconds: number;
  readonly cpuUs: number;
  readonly databaseUs: number;
}

const concurrency = 8;

await serveChild(start);

/** One process with a tool that inserts a row, with and without the audit, and the insert alone. */
async function start(_: null, undo: Undo): Promise<Served> {
  const dir = await makeDataDir();
  undo(dir.remove);
  const log = createLog('warn');
  const postgres = await openEmbedded(dir.path, log);
  undo(() => postgres.stop());
  const { db, close } = openDatabase(postgres.connection, log);
  undo(close);
  await migrate(db, coreMigrations);
  await sql`create table bench_rows (id bigserial primary key, name text not null, note text not null)`.execute(db);

  const insert = (to: typeof db, name: string) =>
    sql<{ id: number }>`insert into bench_rows (name, note) values (${name}, 'a note') returning id`
      .execute(to)
      .then(({ rows }) => ({ id: `row_${rows[0]?.id}` }));
  const write = tool({
    name: 'bench_write',
    title: 'Write a row',
    description: 'Bench: writes one row.',
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    input: { name: z.string().describe('A name.') },
    output: z.looseObject({ id: z.string().describe('Id of the row.') }),
    run: ({ name }, context) => insert(context.db, name),
  });
  const catalogue = createCatalogue([write]);
  const directory = path.join(dir.path, 'keys');
  const audit = createAudit({ db, keys: openKeys(directory), log });
  const headKey = openHeadKey(directory);
  const plain = createInvoke({ catalogue, db, log, strictOutputs: false });
  const audited = createInvoke({ catalogue, db, log, strictOutputs: false, audit });
  const principal: Principal = { id: 'prn_bench', name: 'bench', admin: false, scopes: new Set(['lake:write']) };

  const ways: Record<Way, (name: string) => Promise<unknown>> = {
    insert: (name) => insert(db, name),
    transaction: (name) => inTransaction(db, (tx) => insert(tx, name)),
    tool: (name) => plain('bench_write', { name }, { principal }),
    audited: (name) => audited('bench_write', { name }, { principal }),
    sealed: (name) => audited('bench_write', { name }, { principal }),
  };

  async function run({ way, calls }: CallsCommand): Promise<CallsResult> {
    const databaseBefore = await familyCpuMs(process.pid, 'postgres');
    const before = process.cpuUsage();
    const started = performance.now();
    let left = calls;
    const one = async () => {
      while (left > 0) {
        left -= 1;
        await ways[way](`row ${left}`);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, one));
    const seconds = (performance.now() - started) / 1000;
    if (way === 'sealed') await sealAll();
    const { user, system } = process.cpuUsage(before);
    const databaseUs = ((await familyCpuMs(process.pid, 'postgres')) - databaseBefore) * 1000;
    // What is left of this one must not be another's work.
    if (way === 'audited') await sealAll();
    return { seconds, cpuUs: (user + system) / calls, databaseUs: databaseUs / calls };
  }

  async function sealAll(): Promise<void> {
    while (await sealBatch(db, headKey));
  }

  return { info: null, commands: { run } };
}
