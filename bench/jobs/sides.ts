import { createPool } from '../../server/src/core/db/database.ts';
import { createLog } from '../../server/src/core/log.ts';
import { type Child, startChild } from '../support/child.ts';
import type { PostgresConnection } from '../support/postgres-process.ts';
import type { EnqueueCommand, Worker } from './side.ts';

export interface Side {
  readonly label: string;
  readonly file: URL;
  /** Which of the jobs `$1` have ended. */
  readonly ended: string;
  readonly database: string;
}

export const tutti: Side = {
  label: 'Tutti',
  file: new URL('./tutti-worker.ts', import.meta.url),
  ended: 'select count(*)::int as n from jobs where id = any($1) and finished_at is not null',
  database: 'bench_tutti',
};

export const dbos: Side = {
  label: 'bare DBOS',
  file: new URL('./dbos-worker.ts', import.meta.url),
  ended: `select count(*)::int as n from dbos.workflow_status where workflow_uuid = any($1) and status = 'SUCCESS'`,
  database: 'bench_dbos',
};

export function startPostgres(): Promise<Child<PostgresConnection>> {
  return startChild(new URL('../support/postgres-process.ts', import.meta.url));
}

/** A database of the side's own; processes are started on it. */
export async function openSide(side: Side, postgres: Child<PostgresConnection>) {
  const connection = await postgres.call<PostgresConnection>('create', side.database);
  const worker: Worker = { connection };
  return { connection, startWorker: () => startChild<null>(side.file, worker) };
}

/** Enqueues in the worker and looks from here until all have ended; answers milliseconds. */
export async function timeJobs(
  side: Side,
  worker: Child<null>,
  pool: Pool,
  count: number,
  lookEveryMs: number,
): Promise<number> {
  const command: EnqueueCommand = { kind: 'noop', count };
  const started = performance.now();
  const ids = await worker.call<string[]>('enqueue', command);
  for (;;) {
    const { rows } = await pool.query<{ n: number }>(side.ended, [ids]);
    if (rows[0]?.n === count) return performance.now() - started;
    if (performance.now() - started > 60_000) throw new Error(`${side.label}: ${count} jobs did not end in 60 s`);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

export type Pool = ReturnType<typeof createPool>;

/** One connection to look at a side's jobs through. */
export function connect(connection: PostgresConnection): Pool {
  return createPool(connection, createLog('silent'), 1);
}
