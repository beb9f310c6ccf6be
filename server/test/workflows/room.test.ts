import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorkflowServer, type WorkflowServer } from '../support/workflows.ts';

let server: WorkflowServer;
beforeAll(async () => {
  server = await startWorkflowServer();
});
afterAll(() => server.stop());

const hold = { Hold: { Type: 'Wait', Seconds: 600, End: true } };
const brief = { Hold: { Type: 'Wait', Seconds: 1, End: true } };
const begin = (workflow: string) => server.ok('run_pipeline', { workflow, wait_s: 0 });
const statusOf = async (run_id: string) => (await server.ok('get_workflow_run', { run_id })).status;
const cancel = (run_id: string) => server.ok('cancel_workflow_run', { run_id, reason: 'enough' });

test('a full workflow has further runs wait their turn', async () => {
  await server.put('queued', brief, { concurrency: { runs: 1, when_full: 'queue' } });
  const runs = [await begin('queued'), await begin('queued'), await begin('queued')];
  expect(await statusOf(runs[2].run_id)).toBe('queued');
  const ended = [];
  for (const { run_id } of runs) ended.push(await server.ended(run_id));
  expect(ended.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  for (const at of [1, 2]) expect(ended[at].started_at >= ended[at - 1].ended_at).toBe(true);
});

test('or refuses them', async () => {
  await server.put('refusing', hold, { concurrency: { runs: 1, when_full: 'refuse' } });
  const first = await begin('refusing');
  expect(await server.fails('run_pipeline', { workflow: 'refusing' })).toMatchObject({
    status: 409,
    code: 'WORKFLOW_BUSY',
    retryable: true,
  });
  await cancel(first.run_id);
  expect(await server.ended(first.run_id)).toMatchObject({ status: 'canceled' });
  await cancel((await begin('refusing')).run_id);
});

test('or cancels the oldest one for the newest', async () => {
  await server.put('newest', hold, { concurrency: { runs: 1, when_full: 'cancel_oldest' } });
  const [first, second] = [await begin('newest'), await begin('newest')];
  expect(await server.ended(first.run_id)).toMatchObject({ status: 'canceled' });
  await expect.poll(() => statusOf(second.run_id), { timeout: 30_000 }).toMatch(/running|waiting/);
  await cancel(second.run_id);
});

test('a run is canceled wherever it is: in its queue, waiting for room, and while it waits for a time', async () => {
  await server.put('cancelable', hold, { concurrency: { runs: 1 } });
  const [held, queued] = [await begin('cancelable'), await begin('cancelable')];
  await expect.poll(() => statusOf(held.run_id), { timeout: 30_000 }).toBe('waiting');
  // Runs of the tests before may still be ending.
  const { runs } = await server.ok('get_status');
  expect(runs).toMatchObject({ queued: 1 });
  expect(runs.waiting).toBeGreaterThanOrEqual(1);
  expect(await cancel(queued.run_id)).toMatchObject({ status: 'canceled', message: 'Canceled before it began.' });
  expect(await cancel(held.run_id)).toMatchObject({ message: expect.stringContaining('being stopped') });
  expect(await server.ended(held.run_id)).toMatchObject({ status: 'canceled' });
  expect(await cancel(held.run_id)).toMatchObject({ status: 'canceled', message: 'It had ended before.' });
  // By its job, as any other.
  const by = await begin('cancelable');
  await server.ok('cancel_job', { job_id: by.job_id });
  expect(await server.ended(by.run_id)).toMatchObject({ status: 'canceled' });
});
