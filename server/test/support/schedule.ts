import { DBOS } from '@dbos-inc/dbos-sdk';
import { sql } from 'kysely';
import type { JobRow } from '../../src/core/jobs/store.ts';
import { jobEnd } from './engine.ts';
import type { TestServer } from './server.ts';

const kinds: Readonly<Record<string, string>> = {
  retention: 'system.retention',
  'lake-sweep': 'lake.sweep',
  'lake-reconcile': 'lake.reconcile',
};

/** Has a schedule fire now, and waits for the job that it enqueued. */
export async function fire({ database: { db } }: TestServer, schedule: string): Promise<JobRow> {
  const before = Date.now();
  await (await DBOS.triggerSchedule(schedule)).getResult();
  const kind = kinds[schedule] ?? schedule;
  const { rows } = await sql<{ id: string }>`
    select id from jobs where kind = ${kind} and created_at >= ${new Date(before)} and not (input ? 'dataset_id')`.execute(
    db,
  );
  return jobEnd(db, rows[0]?.id ?? '');
}
