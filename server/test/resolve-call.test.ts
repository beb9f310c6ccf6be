import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { putCall } from '../src/core/jobs/store.ts';
import { lakeOf } from './support/lake.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let jobId: string;
beforeAll(async () => {
  server = await startTestServer();
  const lake = lakeOf(server);
  const id = await lake.dataset('d');
  await lake.upload(id, 'a.csv', 'a\n1\n');
  await lake.commit(id, 'v1');
  jobId = (await lake.ended(await lake.ok('validate', { dataset_id: id }))).id;
});
afterAll(() => server.stop());

/** Makes the ended job look as a crash in the middle of an outside call leaves it. */
async function leaveInDoubt(): Promise<void> {
  const { db } = server.database;
  await sql`update jobs set state = 'failed', error = '{"code":"IN_DOUBT","message":"m","suggestion":"s","retryable":false}'
    where id = ${jobId}`.execute(db);
  await putCall(db, { job_id: jobId, step: 1, name: 'charge', state: 'in_doubt', claim: 'gone' });
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
