import { beforeAll, beforeEach, expect, test } from 'vitest';
import { createClock } from '../../../examples/orchestra-simulator/clock.ts';
import type { Simulator } from '../../../examples/orchestra-simulator/server.ts';
import { type OrchestraServer, seedRun, simulated, simulatorKey, startOrchestraServer } from '../support/orchestra.ts';

let simulator: Simulator;
let server: OrchestraServer;
const post = 'POST';
const pipeline_id = 'orders_report';
beforeAll(async () => {
  simulator = await simulated({ clock: createClock({ speed: 0 }) });
  server = await startOrchestraServer(simulator, ['--orchestra-timeout-s', '3']);
});
beforeEach(async () => {
  simulator.faults.clear();
  // Far from what the test before started; any answer tells that time.
  simulator.state.clock.advance(3_600_000);
  await server.ok('get_pipeline_run_status', { pipeline_run_id: seedRun });
});

/** How often a start was asked for while `work` ran. */
async function sent(work: () => Promise<unknown>): Promise<number> {
  const before = simulator.seen.length;
  await work();
  return simulator.seen.slice(before).filter(({ method }) => method === post).length;
}

test('all that the API takes is sent in its own names, and a cause is not', async () => {
  const [seen] = await Promise.all([
    server.ok('trigger_pipeline', {
      pipeline_id: 'nightly_orders',
      cause: 'because',
      branch: 'fix',
      commit: 'abc',
      environment: 'Production',
      version: 3,
      run_inputs: { day: '2026-01-01' },
      task_ids: ['transform'],
    }),
  ]);
  expect(seen).toMatchObject({ outcome: 'started', message: { untrusted: true } });
  expect(simulator.seen.findLast(({ method }) => method === post)).toMatchObject({
    body: {
      branch: 'fix',
      commit: 'abc',
      environment: 'Production',
      versionNumber: 3,
      runInputs: { day: '2026-01-01' },
      taskIds: ['transform'],
      continueDownstreamRun: true,
    },
  });
  const { items } = await server.ok('list_orchestra_starts');
  expect(items[0]).toMatchObject({ state: 'started', cause: 'because', pipeline_run_id: seen.pipeline_run_id });
});

test('a key starts one run, also for twins', async () => {
  const input = { pipeline_id, idempotency_key: 'once' };
  let answers: { pipeline_run_id: string }[] = [];
  const count = await sent(async () => {
    answers = await Promise.all([1, 2, 3].map(() => server.ok('trigger_pipeline', input)));
    answers.push(await server.ok('trigger_pipeline', input));
  });
  expect({ count, runs: new Set(answers.map((answer) => answer.pipeline_run_id)).size }).toEqual({ count: 1, runs: 1 });
});

test('what was refused had no effect: the same key sends again', async () => {
  const input = { pipeline_id, idempotency_key: 'refused' };
  simulator.faults.add('422', 1, post);
  expect(await server.fails('trigger_pipeline', input)).toMatchObject({ status: 422, code: 'ORCHESTRA_REFUSED' });
  expect(await sent(() => server.ok('trigger_pipeline', input))).toBe(1);
  const unknown = { pipeline_id: 'no_such_pipeline' };
  expect(await server.fails('trigger_pipeline', unknown)).toMatchObject({ code: 'ORCHESTRA_NOT_FOUND' });
});

test('without an answer it is uncertain, is looked up, and is never sent again', async () => {
  const input = { pipeline_id, idempotency_key: 'lost' };
  simulator.faults.add('reset-after', 1, post);
  let first: { start_id: string; candidates: { pipeline_run_id: string }[] } | undefined;
  const count = await sent(async () => {
    first = await server.ok('trigger_pipeline', input);
    expect(await server.ok('trigger_pipeline', input)).toMatchObject({ ...first, candidates: [{}] });
  });
  expect(count).toBe(1);
  expect(first).toMatchObject({ outcome: 'uncertain', why: 'ORCHESTRA_UNAVAILABLE', candidates: [{}] });
  const [candidate] = first?.candidates ?? [];
  const open = await server.ok('list_orchestra_starts', { open_only: true });
  expect(open.items).toMatchObject([{ start_id: first?.start_id, state: 'uncertain' }]);

  const other = (await server.token('other', ['orchestra:write', 'orchestra:read'])).secret;
  const resolution = { start_id: first?.start_id, outcome: 'started', ...candidate };
  const { start_id, outcome, pipeline_run_id } = resolution as Record<string, string>;
  const resolved = { start_id, outcome, pipeline_run_id };
  expect(await server.fails('resolve_orchestra_start', resolved, other)).toMatchObject({ code: 'NOT_FOUND' });
  expect(await server.ok('list_orchestra_starts', {}, other)).toMatchObject({ items: [] });
  expect(await server.ok('resolve_orchestra_start', resolved)).toMatchObject({ state: 'started', pipeline_run_id });
  expect(await server.fails('resolve_orchestra_start', resolved)).toMatchObject({ code: 'CONFLICT' });
  expect(
    await sent(async () => {
      expect(await server.ok('trigger_pipeline', input)).toMatchObject({ outcome: 'started', pipeline_run_id });
    }),
  ).toBe(0);
});

test('that it did not start is written down, and then the same key sends again', async () => {
  const input = { pipeline_id, idempotency_key: 'not started' };
  simulator.faults.add('502', 1, post);
  const uncertain = await server.ok('trigger_pipeline', input);
  expect(uncertain).toMatchObject({ outcome: 'uncertain', candidates: [] });
  const { start_id } = uncertain;
  const bad = { start_id, outcome: 'not_started', pipeline_run_id: start_id };
  expect(await server.fails('resolve_orchestra_start', bad)).toMatchObject({ code: 'VALIDATION_FAILED' });
  expect(await server.ok('resolve_orchestra_start', { start_id, outcome: 'not_started' })).toMatchObject({
    state: 'intended',
  });
  expect(await sent(() => server.ok('trigger_pipeline', input))).toBe(1);
});

test('a caller that gives up takes the answer not along', async () => {
  simulator.faults.add('slow=500', 1, post);
  const input = { pipeline_id, idempotency_key: 'impatient' };
  const gone = new AbortController();
  const before = simulator.seen.length;
  const call = fetch(`${server.url}/tools/trigger_pipeline`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.admin}` },
    body: JSON.stringify(input),
    signal: gone.signal,
  });
  call.catch(() => undefined);
  const asked = () => simulator.seen.slice(before).some(({ method }) => method === post);
  await expect.poll(asked, { interval: 10 }).toBe(true);
  gone.abort();
  await expect(call).rejects.toThrow();
  expect(
    await sent(async () => {
      expect(await server.ok('trigger_pipeline', input)).toMatchObject({ outcome: 'started' });
    }),
  ).toBe(0);
});

test('a key that may only read starts nothing, and the key is in no answer', async () => {
  simulator.faults.add(`403, says=${simulatorKey}`, 1, post);
  const refused = await server.fails('trigger_pipeline', { pipeline_id });
  expect(refused).toMatchObject({ code: 'ORCHESTRA_FORBIDDEN', details: { said: { text: '[redacted]' } } });
});
