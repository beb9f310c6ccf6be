import { beforeEach, expect, test } from 'vitest';
import { maxPart } from '../../src/capabilities/orchestra/client/files.ts';
import { all, clientOf, newestRun, seedRun, simulated } from '../support/orchestra.ts';

const simulator = await simulated();
const open = clientOf(simulator);
const asked = () => simulator.seen.map(({ query }) => Object.fromEntries(new URLSearchParams(query)));
beforeEach(() => {
  simulator.faults.clear();
  (simulator.seen as unknown[]).length = 0;
});
const day = 86_400_000;
const pipelineIdOf = async (alias: string) => (await open().pipeline(alias)).id;
const taskOf = async (alias: string, taskId: string) => {
  const run = newestRun(simulator, alias);
  const task = (await all(open().tasksOfRun(run))).find((one) => one.taskId === taskId);
  return [run, task?.id ?? ''] as const;
};

test('a base URL is the same with and without /public', async () => {
  for (const url of [simulator.url, simulator.url.replace('/public/', ''), simulator.url.replace(/\/$/, '')]) {
    expect((await clientOf({ url })().run(seedRun)).runStatus).toBe('FAILED');
  }
});

test('the failed run is read with all that is known of it, and nothing of its definition', async () => {
  const run = await open().run(seedRun);
  expect(run).toMatchObject({
    id: seedRun,
    pipelineId: 'daa39221-b30f-4b27-a8ee-a1b98ca28d0f',
    pipelineName: 'Sales Journal - Full Refresh DBT Models',
    message: 'Pipeline failed - a task is in failed state.',
    triggeredBy: [{ triggerType: 'WEBHOOK' }],
    branch: null,
    commit: null,
  });
  expect(JSON.stringify(run)).not.toContain('hunter2');
});

test('a run that one path does not know is asked for by the other; known by none it is not found', async () => {
  simulator.faults.add('404', 1, '/status');
  expect((await open().run(seedRun)).id).toBe(seedRun);
  await expect(open().run('00000000-0000-4000-8000-000000000000')).rejects.toMatchObject({
    code: 'ORCHESTRA_NOT_FOUND',
  });
});

test('runs are listed page by page, each once, in one window that is fixed before the first page', async () => {
  const runs = await all(open().runs({ pipelineIds: [await pipelineIdOf('every_half_hour')] }));
  expect(runs).toHaveLength(250);
  expect(new Set(runs.map(({ id }) => id)).size).toBe(250);
  const lists = asked().filter((query) => query.page !== undefined);
  expect(lists.map(({ page, page_size }) => [page, page_size])).toEqual([
    ['1', '100'],
    ['2', '100'],
    ['3', '100'],
  ]);
  expect(new Set(lists.map(({ time_from, time_to }) => `${time_from} ${time_to}`)).size).toBe(1);
});

test('a range of a month is walked in windows that the API takes', async () => {
  const runs = await all(
    open().runs({ from: Date.now() - 31 * day, pipelineIds: [await pipelineIdOf('nightly_orders')] }),
  );
  expect(runs).toHaveLength(8);
  expect(simulator.seen.every(({ status }) => status === 200)).toBe(true);
  expect(asked().filter((query) => query.time_from !== undefined)).toHaveLength(5);
  const failed = await all(
    open().runs({
      from: Date.parse('2025-10-01T00:00:00Z'),
      to: Date.parse('2025-10-31T00:00:00Z'),
      status: ['FAILED', 'WARNING'],
    }),
  );
  expect(failed.map(({ id }) => id)).toEqual([seedRun]);
});

test('more than 50 tasks of a run are all found', async () => {
  const tasks = await all(open().tasksOfRun(newestRun(simulator, 'many_tasks')));
  expect(tasks).toHaveLength(120);
  expect(tasks.filter(({ status }) => status === 'FAILED').map(({ taskId }) => taskId)).toEqual(['t070']);
});

test('attempts that another one superseded are read where they are asked for', async () => {
  const run = newestRun(simulator, 'second_attempt');
  expect(await all(open().tasksOfRun(run))).toHaveLength(1);
  expect((await all(open().tasksOfRun(run, true))).map(({ attemptNumber }) => attemptNumber)).toEqual([1, 2]);
});

test('windows are cut by the clock over there', async () => {
  const ahead = await simulated();
  ahead.state.clock.advance(10 * day);
  const api = clientOf(ahead)();
  const { id } = await api.pipeline('grouped');
  const started = await api.start('grouped');
  expect((await all(api.runs({ pipelineIds: [id] }))).map((run) => run.id)).toEqual(
    started.outcome === 'started' ? [started.runId] : [],
  );
});

test('tasks and operations of a window', async () => {
  const failed = await all(open().tasks({ status: ['FAILED'], pipelineIds: [await pipelineIdOf('two_roots')] }));
  expect(failed.map(({ taskId }) => taskId).sort()).toEqual(['extract_a', 'extract_b']);
  const [, task] = await taskOf('warned', 'tests');
  const operations = await all(open().operations({ taskRunId: task, from: Date.now() - 6 * day }));
  expect(operations).toMatchObject([{ operationName: 'not_null_orders_id', operationStatus: 'WARNING' }]);
});

test('unknown statuses stand as they are; what is missing is null', async () => {
  const run = await open().run(newestRun(simulator, 'of_tomorrow'));
  expect(run).toMatchObject({ runStatus: 'PAUSED_FOR_REVIEW', triggeredBy: [{ triggerType: 'TELEPATHY' }] });
  const silent = newestRun(simulator, 'nothing_said');
  expect(await open().run(silent)).toMatchObject({ message: null, startedAt: null });
  expect(await all(open().tasksOfRun(silent))).toMatchObject([{ message: null, dependsOn: [], taskParameters: null }]);
});

test('files and their attempts are named; a download of any name is read by bytes', async () => {
  const [run, task] = await taskOf('awkward_files', 'artifacts');
  const names = await open().artifacts(run, task);
  for (const name of names.filter((one) => !/manifest|plots/.test(one))) {
    const { bytes, total, more } = await open().readArtifact(run, task, name, { offset: 0, length: 1000 });
    expect({ text: bytes.toString(), total, more }).toEqual({
      text: `the body of ${name}\n`,
      total: bytes.length,
      more: false,
    });
  }
  const binary = await open().readArtifact(run, task, 'plots/result.json', { offset: 250, length: 10 });
  expect([...binary.bytes]).toEqual([250, 251, 252, 253, 254, 255, 0, 1, 2, 3]);
  const again = await taskOf('second_attempt', 'flaky');
  expect(await open().logs(...again)).toEqual([
    { name: '1/run script', attempt: 1 },
    { name: '2/run script', attempt: 2 },
  ]);
});

test('of 30 MB only the part that was asked for is read, also where the range is ignored', async () => {
  const [run, task] = await taskOf('awkward_files', 'artifacts');
  const read = (part: Parameters<ReturnType<typeof open>['readArtifact']>[3]) =>
    open().readArtifact(run, task, 'target/manifest.json', part);
  const first = await read({ offset: 0, length: 20 });
  expect(first).toMatchObject({ start: 0, more: true, rangeIgnored: false });
  expect(first.bytes.toString()).toBe('{"metadata":{"genera');
  const last = await read({ tail: 5 });
  expect(last).toMatchObject({ start: (first.total ?? 0) - 5, total: first.total, more: false });
  const middle = await read({ offset: 20_000_000, length: 100 });
  simulator.faults.add('no-range', 3);
  expect(await read({ offset: 0, length: 20 })).toMatchObject({
    bytes: first.bytes,
    start: 0,
    more: true,
    rangeIgnored: true,
  });
  expect(await read({ offset: 20_000_000, length: 100 })).toMatchObject({
    bytes: middle.bytes,
    start: 20_000_000,
    more: true,
  });
  expect(await read({ tail: 5 })).toMatchObject({
    bytes: last.bytes,
    start: last.start,
    more: false,
    rangeIgnored: true,
  });
  await expect(read({ offset: 0, length: maxPart + 1 })).rejects.toThrow(RangeError);
});

test('the end of a log, one still being written, and one whose storage fails', async () => {
  const tail = async (id: string) => {
    const [run, task] = await taskOf('awkward_files', id);
    return open().readLog(run, task, '1/run script', { tail: 200 });
  };
  expect(await tail('being_written')).toMatchObject({ pending: true, start: 0, more: false });
  const ignored = await tail('ignores_range');
  expect(ignored).toMatchObject({ rangeIgnored: true, pending: false, more: false });
  expect(ignored.bytes.toString()).toMatch(/step 4999 done\n$/);
  (simulator.seen as unknown[]).length = 0;
  await expect(tail('s3_down')).rejects.toMatchObject({ code: 'ORCHESTRA_UNAVAILABLE', again: false });
  // Another attempt would not help.
  expect(simulator.seen.filter(({ path }) => path.endsWith('/download'))).toHaveLength(1);
});

test('beyond the end of a file is nothing, however the other side says so', async () => {
  const [run, task] = await taskOf('awkward_files', 'being_written');
  const beyond = () => open().readLog(run, task, '1/run script', { offset: 11, length: 10 });
  expect(await beyond()).toMatchObject({ bytes: Buffer.alloc(0), total: 11, more: false, pending: true });
  simulator.faults.add('s3-500', 1);
  expect(await beyond()).toMatchObject({ bytes: Buffer.alloc(0), start: 11, more: false });
});

test('a download is followed to where it is stored, and the key stays behind', async () => {
  const [run, task] = await taskOf('awkward_files', 'artifacts');
  const read = () => open().readArtifact(run, task, '1/dbt build', { offset: 0, length: 100 });
  const elsewhere = await simulated();
  simulator.faults.add(`redirect=${new URL('/elsewhere?what=bytes', elsewhere.url).href}`);
  expect((await read()).bytes.toString()).toBe('stored bytes');
  for (const where of ['ftp://127.0.0.1/x', 'http://169.254.169.254/latest']) {
    simulator.faults.add(`redirect=${where}`);
    await expect(read()).rejects.toMatchObject({ code: 'EGRESS_REFUSED' });
  }
  simulator.faults.add('redirect=/api/engine/public/pipelines', 9);
  await expect(read()).rejects.toMatchObject({ code: 'ORCHESTRA_BAD_ANSWER' });
});

test('what is no id never reaches a URL', async () => {
  const refused = expect.objectContaining({ code: 'VALIDATION_FAILED' });
  const api = open();
  for (const id of ['..', '%2e%2e', `${seedRun}/../x`, '', `${seedRun}?a`, 'a'.repeat(36)]) {
    await expect(api.run(id)).rejects.toEqual(refused);
    await expect(api.artifacts(seedRun, id)).rejects.toEqual(refused);
    await expect(api.cancel(id)).rejects.toEqual(refused);
    expect(() => api.tasksOfRun(id)).toThrow(refused);
    expect(() => api.runs({ runIds: [id] })).toThrow(refused);
  }
  for (const alias of ['..', 'a/b', 'a-b', '', 'x'.repeat(201)])
    await expect(api.start(alias)).rejects.toEqual(refused);
  await expect(api.readLog(seedRun, seedRun, 'a\0b', { tail: 1 })).rejects.toEqual(refused);
  expect(simulator.seen).toEqual([]);
});
