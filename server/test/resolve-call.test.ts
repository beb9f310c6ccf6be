import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTransaction } from '../src/core/db/database.ts';
import { putCall } from '../src/core/jobs/calls/store.ts';
import { claimJob, requeueJob } from '../src/core/jobs/store.ts';
import { lakeOf } from './support/lake.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let jobId: string;
let dataset: string;
beforeAll(async () => {
  server = await startTestServer();
  const lake = lakeOf(server);
  dataset = await lake.dataset('d');
  await lake.upload(dataset, 'a.csv', 'a\n1\n');
  await lake.commit(dataset, 'v1');
  jobId = (await lake.ended(await lake.ok('validate', { dataset_id: dataset }))).id;
});
afterAll(() => server.stop());

/** Makes the ended job look as a crash in the middle of an outside call leaves it. */
async function leaveInDoubt(id = jobId, step = 1): Promise<void> {
  const { db } = server.database;
  await sql`update jobs set state = 'failed', error = '{"code":"IN_DOUBT","message":"m","suggestion":"s","retryable":false}'
    where id = ${id}`.execute(db);
  await putCall(db, { job_id: id, step, name: 'charge', state: 'in_doubt', claim: 'gone' });
}

test('a job without a call in doubt is left alone', async () => {
  expect(await server.call('resolve_in_doubt_call', { job_id: jobId, outcome: 'repeat' })).toMatchObject({
    status: 409,
    body: { error: { code: 'CONFLICT' } },
  });
});

test.each(['completed', 'repeat'])(
  'a call in doubt is resolved as %s, and the job runs on from there',
  async (outcome) => {
    await leaveInDoubt();
    const { secret } = await server.token('stranger', ['writer']);
    const input = { job_id: jobId, outcome, ...(outcome === 'completed' && { result: { paid: true } }) };
    expect(await server.call('resolve_in_doubt_call', input, secret)).toMatchObject({ status: 404 });
    expect(await server.call('resolve_in_doubt_call', input)).toMatchObject({ status: 200, body: { id: jobId } });
    const { body: done } = await server.call('job_status', { job_id: jobId, wait_s: 40 });
    expect(done).toMatchObject({ state: 'succeeded', metadata: { report: { passed: true } } });
    expect(done.error).toBeUndefined();
    const { rows } = await sql`select state, result from job_calls where job_id = ${jobId}`.execute(server.database.db);
    expect(rows).toEqual([
      outcome === 'completed' ? { state: 'resolved', result: { paid: true } } : { state: 'answered', result: null },
    ]);
  },
);

test('a job does not begin again once its principal lost the scope for it', async () => {
  const { secret } = await server.token('fickle', ['writer']);
  const { body: job } = await server.call('validate', { dataset_id: dataset }, secret);
  await server.call('job_status', { job_id: job.id, wait_s: 40 });
  await server.token('fickle', ['reader']); // its principal may read only from now on
  await leaveInDoubt(job.id, 0);
  await server.call('resolve_in_doubt_call', { job_id: job.id, outcome: 'repeat' });
  const { body: ended } = await server.call('job_status', { job_id: job.id, wait_s: 40 });
  expect(ended).toMatchObject({
    state: 'failed',
    error: { code: 'FORBIDDEN', details: { required_scope: 'lake:write' } },
  });
});

test('a run that begins before the resolution is committed waits for it', async () => {
  await leaveInDoubt();
  const { db } = server.database;
  const rolledBack = new Error('rolled back');
  let claimed: unknown;
  let claiming: Promise<unknown> | undefined;
  await inTransaction(db, async (tx) => {
    await requeueJob(tx, jobId);
    claiming = inTransaction(db, async (other) => {
      claimed = await claimJob(other, jobId, 'early');
      throw rolledBack;
    }).catch((error: unknown) => error);
    await sleep(200); // time to pass the row by
  });
  expect(await claiming).toBe(rolledBack);
  expect(claimed).toMatchObject({ id: jobId, state: 'running' });
});
