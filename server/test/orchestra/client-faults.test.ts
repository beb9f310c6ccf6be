import { beforeEach, expect, test } from 'vitest';
import { envelope } from '../../src/core/errors.ts';
import { clientOf, seedRun, simulated, simulatorKey } from '../support/orchestra.ts';

const simulator = await simulated();
const open = clientOf(simulator);
const seen = () => simulator.seen.map(({ method, path, status }) => `${method} ${path.split('/public')[1]} ${status}`);
beforeEach(() => {
  simulator.faults.clear();
  (simulator.seen as unknown[]).length = 0;
});
const failure = async (work: Promise<unknown>) =>
  envelope(
    await work.then(
      () => undefined,
      (error: unknown) => error,
    ),
  ).error;
const alias = 'sales_journal_full_refresh';

test.each(['408', '429', '500', '502', '503', '504', 'reset', 'cut'])('a read goes on after %s', async (fault) => {
  simulator.faults.add(fault, 3);
  expect((await open().run(seedRun)).id).toBe(seedRun);
  expect(simulator.seen).toHaveLength(4);
});

test('after four attempts it is over', async () => {
  simulator.faults.add('503,says=under maintenance', 9);
  expect(await failure(open().run(seedRun))).toMatchObject({
    code: 'ORCHESTRA_UNAVAILABLE',
    retryable: true,
    details: { status: 503, said: { untrusted: true, source: 'orchestra', text: 'under maintenance' } },
  });
  expect(simulator.seen).toHaveLength(4);
});

test.each([
  ['400', 'ORCHESTRA_REFUSED'],
  ['401', 'ORCHESTRA_UNAUTHORIZED'],
  ['403,enterprise', 'ORCHESTRA_FORBIDDEN'],
  ['422', 'ORCHESTRA_REFUSED'],
  ['not-json', 'ORCHESTRA_BAD_ANSWER'],
  ['huge', 'ORCHESTRA_BAD_ANSWER'],
])('%s is final: %s', async (fault, code) => {
  simulator.faults.add(fault, 9);
  const error = await failure(open().run(seedRun));
  expect(error).toMatchObject({ code, retryable: false });
  expect(error.suggestion.length).toBeGreaterThan(20);
  expect(simulator.seen).toHaveLength(1);
});

test('a 404 is asked for twice, by either path, and then final', async () => {
  simulator.faults.add('404', 9);
  expect(await failure(open().run(seedRun))).toMatchObject({ code: 'ORCHESTRA_NOT_FOUND' });
  expect(simulator.seen).toHaveLength(2);
});

test('what the other side wants is waited for, in seconds or until a date', async () => {
  for (const after of ['0.05', new Date(Date.now() + 1000).toUTCString()]) {
    simulator.faults.add(`429,retry-after=${after.replaceAll(',', '')}`);
    expect((await open().run(seedRun)).id).toBe(seedRun);
  }
});

test('a wait beyond the deadline is told at once, and holds the others back as well', async () => {
  const limited = clientOf(simulator, { pace: { deadlineMs: 20_000 } });
  simulator.faults.add('429,retry-after=120');
  const error = { code: 'ORCHESTRA_RATE_LIMITED', retryable: true };
  expect(await failure(limited().run(seedRun))).toMatchObject({ ...error, details: { retry_after_seconds: 120 } });
  const next = await failure(limited().pipelines());
  expect(next).toMatchObject(error);
  expect((next.details as { retry_after_seconds: number }).retry_after_seconds).toBeGreaterThan(60);
  expect(simulator.seen).toHaveLength(1);
});

test('a wait without reason does not close the gate for good', async () => {
  simulator.faults.add('429,retry-after=99999999999');
  const error = await failure(clientOf(simulator)().run(seedRun));
  expect((error.details as { retry_after_seconds: number }).retry_after_seconds).toBe(300);
});

test('no more than four requests are open at once', async () => {
  const slow = await simulated({ delayMs: 20 });
  const api = clientOf(slow)();
  await Promise.all(Array.from({ length: 16 }, () => api.run(seedRun)));
  expect(slow.mostAtOnce()).toBe(4);
});

test('an answer that takes too long is asked for again; at the deadline it is over', async () => {
  simulator.faults.add('hang');
  expect((await clientOf(simulator, { pace: { attemptMs: 500 } })().run(seedRun)).id).toBe(seedRun);
  simulator.faults.add('hang', 9);
  const hasty = clientOf(simulator, { pace: { attemptMs: 500, deadlineMs: 800 } });
  expect(await failure(hasty().run(seedRun))).toMatchObject({ code: 'ORCHESTRA_TIMED_OUT', retryable: true });
});

test('a caller who gives up ends the request and gets its own reason', async () => {
  const controller = new AbortController();
  const reason = new Error('no longer wanted');
  simulator.faults.add('hang', 9);
  const work = open(controller.signal).run(seedRun);
  setTimeout(() => controller.abort(reason), 50);
  await expect(work).rejects.toBe(reason);
  await expect(open(AbortSignal.abort(reason)).run(seedRun)).rejects.toBe(reason);
});

test('an answer that comes in drops is read', async () => {
  simulator.faults.add('trickle=20');
  expect((await open().pipelines()).items.length).toBeGreaterThan(10);
});

test('a start is answered with its run, and tells the API nothing that it does not know', async () => {
  const started = await open().start(alias, { retryFromFailed: true, continueDownstreamRun: true });
  expect(started).toMatchObject({ outcome: 'started', runId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  expect(simulator.seen[0]?.body).toEqual({ retryFromFailed: true, continueDownstreamRun: true });
  expect(await failure(open().start(alias, { cause: 'because' } as object))).toMatchObject({
    code: 'VALIDATION_FAILED',
  });
  expect(simulator.seen).toHaveLength(1);
});

test.each(['reset-after', 'not-json', 'hang', 'cut'])(
  'a start that ends in %s is looked up, never sent again',
  async (fault) => {
    const api = clientOf(simulator, { pace: { attemptMs: 1000, deadlineMs: 20_000 } })();
    simulator.faults.add(fault, 1, 'POST');
    const started = await api.start('matrix');
    expect(started).toMatchObject({ outcome: 'uncertain', why: { effect: 'unknown' } });
    expect(
      started.outcome === 'uncertain' &&
        started.candidates?.some(({ runStatus }) => runStatus === 'CREATED' || runStatus === 'RUNNING'),
    ).toBe(true);
    expect(seen().filter((one) => one.startsWith('POST'))).toHaveLength(1);
  },
);

test('a start that a gateway lost has no candidates; where they cannot be read, that is said', async () => {
  simulator.faults.add('504', 1, 'POST');
  expect(await open().start('grouped')).toMatchObject({ outcome: 'uncertain', candidates: [] });
  simulator.faults.add('504', 1, 'POST');
  simulator.faults.add('403', 1, 'GET');
  expect(await open().start('grouped')).toMatchObject({ outcome: 'uncertain', candidates: null });
  expect(seen().filter((one) => one.startsWith('POST'))).toHaveLength(2);
});

test('a start that was refused had no effect and says so', async () => {
  simulator.faults.add('429,retry-after=0', 1, 'POST');
  expect(await failure(open().start(alias))).toMatchObject({ code: 'ORCHESTRA_RATE_LIMITED' });
  expect(await failure(open().start(alias, { taskIds: ['nope'] }))).toMatchObject({
    code: 'ORCHESTRA_REFUSED',
    details: { said: { text: 'body.taskIds: Value error, unknown task id' } },
  });
  const closed = await simulated();
  await closed.close();
  await expect(clientOf(closed)().start(alias)).rejects.toMatchObject({
    code: 'ORCHESTRA_UNAVAILABLE',
    effect: 'none',
  });
  expect(seen().filter((one) => one.startsWith('POST'))).toHaveLength(2);
});

test('a run is cancelled, once', async () => {
  const started = await open().start('cancelled_by_hand');
  await open().cancel(started.outcome === 'started' ? started.runId : '');
  expect(seen().at(-1)).toMatch(/^POST \/pipeline_runs\/.*\/cancel 204$/);
  simulator.faults.add('503', 9, 'POST');
  (simulator.seen as unknown[]).length = 0;
  await expect(open().cancel(seedRun)).rejects.toMatchObject({ code: 'ORCHESTRA_UNAVAILABLE', effect: 'unknown' });
  expect(simulator.seen).toHaveLength(1);
});

test('the key is in no error, also where the other side repeats it', async () => {
  for (const fault of [`400,says=bad key ${simulatorKey}`, `401,says=${simulatorKey}`, 'reset', '500', 'not-json']) {
    simulator.faults.clear();
    simulator.faults.add(fault, 9);
    const error = await open()
      .run(seedRun)
      .catch((one: unknown) => one);
    expect(JSON.stringify(envelope(error))).not.toContain(simulatorKey);
    expect(String((error as Error).stack)).not.toContain(simulatorKey);
    expect(JSON.stringify(error)).not.toContain(simulatorKey);
  }
});
