import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { createClock } from '../../../examples/orchestra-simulator/clock.ts';
import { connectBridge } from '../support/bridge.ts';
import { newestRun, simulated, startOrchestraServer } from '../support/orchestra.ts';

const clock = createClock({ start: Date.now(), speed: 0 });
const simulator = await simulated({ clock });
const server = await startOrchestraServer(simulator);
const { ok } = server;
afterEach(() => simulator.faults.clear());

// biome-ignore lint/suspicious/noExplicitAny: answers are checked field by field
type Body = any;

/** A run of a pipeline, as somebody just asked for it. */
function started(alias: string): string {
  const [id] = [...simulator.state.pipelines].find(([, plan]) => plan.alias === alias) ?? [];
  const run = simulator.state.start(id ?? '', {});
  if (run === 'nothing-failed') throw new Error('not started');
  return run.id;
}

const job = (job_id: string, wait_s = 0) => ok('job_status', { job_id, wait_s });
const isWaiting = (id: string) =>
  expect.poll(async () => (await job(id)).state, { timeout: 30_000, interval: 50 }).toBe('waiting');
const looks = (run: string) => simulator.seen.filter(({ path }) => path.endsWith(`${run}/status`)).length;
const looksAgain = async (run: string) => {
  const before = looks(run);
  await expect.poll(() => looks(run), { timeout: 40_000, interval: 50 }).toBeGreaterThan(before);
};

const { next: beginning } = await ok('poll_events', {});

/** What was told of a run so far, oldest first. */
async function events(run: string, token?: string): Promise<Body[]> {
  const asked = { types: ['orchestra_run.updated'], since: beginning };
  const { items } = await ok('poll_events', asked, token);
  return items.filter(({ subject }: Body) => subject === `orchestra-run:${run}`);
}

test('a watch follows a run over its changes to its end, parks in between, and tells each change once', async () => {
  const run = started('thirty_tasks');
  const watch = await ok('watch_pipeline_run', { pipeline_run_id: run });
  expect(watch).toMatchObject({
    kind: 'orchestra.watch',
    state: 'queued',
    pipeline_run: { pipeline_run_id: run, status: 'CREATED' },
  });
  await isWaiting(watch.id);
  await looksAgain(run);
  clock.advance(20_000);
  const statuses = async () => (await events(run)).map(({ data }) => data.status);
  await expect.poll(statuses, { timeout: 40_000, interval: 100 }).toEqual(['CREATED', 'RUNNING']);
  clock.advance(3_600_000);
  const end = await job(watch.id, 40);
  expect(end).toMatchObject({
    state: 'succeeded',
    progress: 1,
    metadata: { pipeline_run_id: run, pipeline_run: { status: 'SUCCEEDED', completed_at: expect.any(String) } },
  });
  expect(end.counters).toMatchObject({ tasks: 30, tasks_ended: 30, tasks_failed: 0 });
  expect(await statuses()).toEqual(['CREATED', 'RUNNING', 'SUCCEEDED']);
  const told = await events(run);
  expect(told.at(-1).data).toMatchObject({
    job_id: watch.id,
    previous_status: 'RUNNING',
    tasks: { total: 30, ended: 30, failed: 0 },
    url: expect.stringContaining(run),
  });
});

test('it ends as failed where the run fails or is cancelled, and says where to look', async () => {
  const cancelled = started('every_half_hour');
  const watch = await ok('watch_pipeline_run', { pipeline_run_id: cancelled });
  await isWaiting(watch.id);
  const found = simulator.state.run(cancelled);
  if (found) simulator.state.cancel(found);
  clock.advance(60_000);
  expect(await job(watch.id, 40)).toMatchObject({
    state: 'failed',
    error: {
      code: 'ORCHESTRA_RUN_FAILED',
      message: 'The pipeline run ended as CANCELLED.',
      details: { status: 'CANCELLED' },
    },
  });
  const ended = await ok('watch_pipeline_run', { pipeline_run_id: newestRun(simulator, 'two_roots'), wait_s: 40 });
  expect(ended).toMatchObject({
    state: 'failed',
    error: { suggestion: expect.stringContaining('diagnose_pipeline_run'), details: { message: { untrusted: true } } },
  });
  const warned = await ok('watch_pipeline_run', { pipeline_run_id: newestRun(simulator, 'warned'), wait_s: 40 });
  expect(warned).toMatchObject({ state: 'succeeded', metadata: { pipeline_run: { status: 'WARNING' } } });
});

test('failures of Orchestra between looks do not end it; a key that stays refused does', async () => {
  const run = started('every_half_hour');
  const watch = await ok('watch_pipeline_run', { pipeline_run_id: run });
  await isWaiting(watch.id);
  for (const fault of ['503', 'reset', '429,retry-after=1', 'not-json']) {
    simulator.faults.add(fault, 2, `${run}/status`);
    await looksAgain(run);
  }
  // The tasks are not what counts.
  simulator.faults.add('404', 50, `${run}/task_runs`);
  clock.advance(60_000);
  expect(await job(watch.id, 40)).toMatchObject({ state: 'succeeded' });
  simulator.faults.clear();
  const other = started('every_half_hour');
  const refused = await ok('watch_pipeline_run', { pipeline_run_id: other });
  await isWaiting(refused.id);
  simulator.faults.add('401', 1000, other);
  const longAgo = sql`update orchestra_watches set failing_since = now() - interval '1 minute'
    where job_id = ${refused.id} and failing_since is not null returning 1`;
  const failing = async () => (await longAgo.execute(server.database.db)).rows.length;
  await expect.poll(failing, { timeout: 40_000, interval: 50 }).toBe(1);
  expect(await job(refused.id)).not.toHaveProperty('finished_at');
  await expect.poll(async () => (await job(refused.id, 20)).state, { timeout: 60_000 }).toBe('failed');
  expect(await job(refused.id)).toMatchObject({ state: 'failed', error: { code: 'ORCHESTRA_UNAUTHORIZED' } });
});

test('to cancel it stops the watching alone; when its time is over it says that the run goes on', async () => {
  const run = started('every_half_hour');
  const watch = await ok('watch_pipeline_run', { pipeline_run_id: run });
  await isWaiting(watch.id);
  await ok('cancel_job', { job_id: watch.id });
  expect(await job(watch.id, 40)).toMatchObject({ state: 'canceled' });
  const late = await ok('watch_pipeline_run', { pipeline_run_id: run, timeout_s: 2 });
  expect(await job(late.id, 40)).toMatchObject({
    state: 'timed_out',
    error: {
      code: 'TIMED_OUT',
      message: 'The pipeline run had not ended when the time of the watch was over; it goes on.',
      details: { pipeline_run_id: run, status: 'CREATED' },
    },
  });
  expect(simulator.seen.filter(({ method }) => method === 'POST')).toEqual([]);
  expect(simulator.state.run(run)?.cancelledAt).toBeUndefined();
});

test('it acts as whoever began it: what it tells is theirs, and it ends when their token is revoked', async () => {
  const run = started('every_half_hour');
  const grants = ['orchestra:read', 'orchestra:write', 'system:read'];
  const [mine, other] = [await server.token('watcher', grants), await server.token('other', grants)];
  const watch = await ok('watch_pipeline_run', { pipeline_run_id: run }, mine.secret);
  await isWaiting(watch.id);
  const seenBy = async (token: string) => (await events(run, token)).length;
  await expect.poll(() => seenBy(mine.secret), { timeout: 30_000 }).toBe(1);
  expect(await seenBy(other.secret)).toBe(0);
  await sql`update tokens set revoked_at = now() where id = ${mine.id}`.execute(server.database.db);
  expect(await job(watch.id, 40)).toMatchObject({ state: 'failed', error: { code: 'FORBIDDEN' } });
});

test('a watch by the key that a connection brought looks with that one alone, as long as such a connection is there', async () => {
  const elsewhere = await simulated({ key: 'a-key-of-their-own', clock });
  const env = { ORCHESTRA_API_KEY: 'a-key-of-their-own', ORCHESTRA_API_BASE_URL: elsewhere.url };
  const connect = () => connectBridge(server.dataDir, { command: 'orchestra-mcp', env });
  const { client } = await connect();
  const run = elsewhere.state.start([...elsewhere.state.pipelines.keys()][0] ?? '', {});
  if (run === 'nothing-failed') throw new Error('not started');
  const { structuredContent } = await client.callTool({
    name: 'watch_pipeline_run',
    arguments: { pipeline_run_id: run.id },
  });
  const { id } = structuredContent as { id: string };
  await isWaiting(id);

  // As where a bridge renews its token: the connection that began it goes, one with the same key is there.
  const other = await connect();
  await other.client.callTool({ name: 'list_orchestra_pipelines', arguments: {} });
  await client.close();
  const looked = () => elsewhere.seen.filter(({ path }) => path.endsWith(`${run.id}/status`)).length;
  const before = looked();
  await expect.poll(looked, { timeout: 40_000, interval: 50 }).toBeGreaterThan(before + 1);
  expect(await job(id)).not.toHaveProperty('finished_at');

  await other.client.close();
  expect(await job(id, 40)).toMatchObject({
    state: 'failed',
    error: { code: 'ORCHESTRA_NOT_CONFIGURED', message: expect.stringContaining('connection') },
  });
  expect(simulator.seen.filter(({ path }) => path.includes(run.id))).toEqual([]);
  const { rows } = await sql<{ kept: string }>`select jobs::text as kept from jobs where id = ${id}`.execute(
    server.database.db,
  );
  expect(rows[0]?.kept).not.toContain('a-key-of-their-own');
});
