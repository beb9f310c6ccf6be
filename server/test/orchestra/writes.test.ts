import { expect, test } from 'vitest';
import { createClock } from '../../../examples/orchestra-simulator/clock.ts';
import { createOrchestra } from '../../src/capabilities/orchestra/index.ts';
import { readSettings } from '../../src/core/settings.ts';
import { newestRun, seedRun, simulated, startOrchestraServer } from '../support/orchestra.ts';

// What only an operator who sets orchestra.allow_writes has: cancel and retry.

const clock = createClock({ start: Date.now(), speed: 0 });
const simulator = await simulated({ clock });
const server = await startOrchestraServer(simulator, ['--orchestra-allow-writes']);
const { ok, fails } = server;

// biome-ignore lint/suspicious/noExplicitAny: answers are checked field by field
type Body = any;

const posts = () => simulator.seen.filter(({ method }) => method === 'POST');
const seed = { pipeline_run_id: seedRun.slice(0, 8), time_from: '2025-10-12', time_to: '2025-10-18' };

test('cancel and retry are there only where the operator allows writes', () => {
  const nothing = undefined as never;
  const names = (flags: readonly string[]) =>
    createOrchestra({
      db: nothing,
      jobs: nothing,
      cursors: nothing,
      feed: nothing,
      settings: readSettings(['--data-dir', '/nonexistent', ...flags], {}),
    }).tools.map(({ name }) => name);
  const more = ['cancel_pipeline_run', 'retry_pipeline_run'];
  expect(names([])).not.toEqual(expect.arrayContaining([expect.stringMatching(/cancel|retry/)]));
  expect(names(['--orchestra-allow-writes'])).toEqual([...names([]), ...more]);
});

test('a retry runs what failed and what comes after it, once for a key; a rehearsal sends nothing', async () => {
  const rehearsed = await ok('retry_pipeline_run', { ...seed, dry_run: true });
  expect(rehearsed).toMatchObject({
    outcome: 'dry_run',
    retried: { pipeline_run_id: seedRun, status: 'FAILED' },
    request: { retryFromFailed: true, continueDownstreamRun: true },
  });
  expect(posts()).toEqual([]);
  const asked = { ...seed, cause: 'the warehouse is back', idempotency_key: 'retry-1' };
  const started = await ok('retry_pipeline_run', asked);
  expect(started).toMatchObject({
    outcome: 'started',
    pipeline_run_id: expect.any(String),
    retried: { pipeline_run_id: seedRun },
  });
  expect(await ok('retry_pipeline_run', asked)).toMatchObject({ pipeline_run_id: started.pipeline_run_id });
  expect(posts().map(({ body }) => body)).toEqual([rehearsed.request]);
  clock.advance(3_600_000);
  const { items } = await ok('list_task_runs', { pipeline_run_id: started.pipeline_run_id });
  expect(items.map(({ status }: Body) => status).sort()).toEqual(['SKIPPED', 'SUCCEEDED', 'SUCCEEDED']);
  // It is no longer the newest: Orchestra would retry another.
  expect(await fails('retry_pipeline_run', seed)).toMatchObject({
    code: 'CONFLICT',
    details: { newest: { pipeline_run_id: started.pipeline_run_id, status: 'SUCCEEDED' } },
  });
  expect(await fails('retry_pipeline_run', { pipeline_run_id: newestRun(simulator, 'warned') })).toMatchObject({
    code: 'CONFLICT',
    message: 'Only a run that has failed can be retried.',
  });
  expect(posts()).toHaveLength(1);
});

test('a retry without an answer is looked up, never sent again', async () => {
  const run = newestRun(simulator, 'two_roots');
  simulator.faults.add('reset-after', 1, 'POST');
  const before = posts().length;
  const uncertain = await ok('retry_pipeline_run', { pipeline_run_id: run, idempotency_key: 'retry-2' });
  expect(uncertain).toMatchObject({
    outcome: 'uncertain',
    candidates: [{ pipeline_run_id: newestRun(simulator, 'two_roots') }],
  });
  expect(await ok('retry_pipeline_run', { pipeline_run_id: run, idempotency_key: 'retry-2' })).toMatchObject({
    outcome: 'uncertain',
  });
  expect(posts()).toHaveLength(before + 1);
});

test('a run that has not ended is cancelled, one that has is left alone', async () => {
  const { pipeline_run_id } = await ok('trigger_pipeline', { pipeline_id: 'every_half_hour' });
  clock.advance(2000);
  expect(await ok('cancel_pipeline_run', { pipeline_run_id, dry_run: true })).toMatchObject({ cancelled: false });
  expect((await ok('get_pipeline_run_status', { pipeline_run_id })).status).toBe('RUNNING');
  expect(await ok('cancel_pipeline_run', { pipeline_run_id })).toMatchObject({
    cancelled: true,
    pipeline_run: { pipeline_run_id, status: 'CANCELLING' },
  });
  clock.advance(60_000);
  expect(await fails('cancel_pipeline_run', { pipeline_run_id })).toMatchObject({
    code: 'CONFLICT',
    details: { status: 'CANCELLED' },
  });
});

test('what is changed stands in the audit, with its cause', async () => {
  const { items } = await ok('list_audit_entries', { tool: 'retry_pipeline_run' });
  expect(JSON.stringify(items)).toContain('the warehouse is back');
});
