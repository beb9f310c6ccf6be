import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTransaction } from '../src/core/db/database.ts';
import { type Lake, lakeOf } from './support/lake.ts';
import { type Answer, startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let lake: Lake;
beforeAll(async () => {
  // Nothing begins: the jobs of this test wait.
  server = await startTestServer(['--jobs-concurrency', '0']);
  lake = lakeOf(server);
});
afterAll(() => server.stop());

/** Calls a tool while a job is within a transaction of its own, which begins with its row and then takes its dataset. */
async function callBesideJob(jobId: string, datasetId: string, call: () => Promise<Answer>): Promise<Answer> {
  const { db } = server.database;
  let answer: Promise<Answer> | undefined;
  await inTransaction(db, async (tx) => {
    await sql`select from jobs where id = ${jobId} for update`.execute(tx);
    answer = call();
    const waits = async () => {
      const { rows } = await sql<{ waiting: number }>`
        select count(*) as waiting from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
      return rows[0]?.waiting;
    };
    await expect.poll(waits, { timeout: 30_000 }).toBe(1);
    await sql`select from datasets where id = ${datasetId} for update`.execute(tx);
  });
  return answer as Promise<Answer>;
}

async function waitingIngest(name: string): Promise<{ id: string; job: string }> {
  const id = await lake.dataset(name);
  await lake.upload(id, 'a.csv', 'text\none\n');
  await lake.commit(id, 'v1');
  const { id: job } = await lake.ok('start_ingest', { dataset_id: id, target: 'lance' });
  return { id, job };
}

test('an ingest that supersedes another waits for that one without holding the dataset', async () => {
  const { id, job } = await waitingIngest('superseded');
  const mapping = { text: ['text'] };
  const newer = await callBesideJob(job, id, () =>
    server.call('start_ingest', { dataset_id: id, target: 'lance', mapping }),
  );
  expect(newer).toMatchObject({ status: 200, body: { state: 'queued' } });
  expect(await lake.ok('job_status', { job_id: job })).toMatchObject({ state: 'canceled' });
});

test('a dataset is deleted beside a job of it without waiting for each other', async () => {
  const { id, job } = await waitingIngest('deleted');
  const deleted = await callBesideJob(job, id, () => server.call('delete_dataset', { dataset_id: id, force: true }));
  expect(deleted).toMatchObject({ status: 200, body: { deleted: true, running_jobs: [job] } });
  expect(await lake.ok('job_status', { job_id: job })).toMatchObject({ state: 'canceled' });
});
