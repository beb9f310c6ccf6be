import { expect, test } from 'vitest';
import { createClock } from '../../../examples/orchestra-simulator/clock.ts';
import seedFacts from '../../../examples/orchestra-simulator/data/seed-run.json' with { type: 'json' };
import { newestRun, seedRun, simulated, simulatorKey } from '../support/orchestra.ts';

const start = Date.parse('2026-11-20T12:00:00Z');
const clock = createClock({ start, speed: 0 });
const simulator = await simulated({ clock });

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into any body
  readonly body: any;
}

async function ask(
  path: string,
  init: RequestInit & { key?: string; simulate?: string; json?: unknown } = {},
): Promise<Answer> {
  const { key = simulatorKey, simulate, json, ...rest } = init;
  const headers = {
    ...(rest.headers as Record<string, string>),
    authorization: `Bearer ${key}`,
    ...(simulate === undefined ? {} : { 'x-simulate': simulate }),
    ...(json === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const body = json === undefined ? {} : { method: 'POST', body: JSON.stringify(json) };
  const response = await fetch(new URL(path, simulator.url), { ...rest, ...body, headers });
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json' && text !== '';
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}
const loc = (answer: Answer) => answer.body.detail[0].loc;
const taskOf = async (alias: string, taskId: string) => {
  const run = newestRun(simulator, alias);
  const { body } = await ask(`pipeline_runs/${run}/task_runs?page_size=50`);
  const task = body.results.find((one: { taskId: string }) => one.taskId === taskId);
  return `pipeline_runs/${run}/task_runs/${task.id}`;
};

test('without a key nothing is answered; a key that only reads starts nothing', async () => {
  expect(await ask('pipelines', { key: 'another' })).toMatchObject({ status: 401, body: { detail: 'Unauthorized' } });
  expect((await ask('pipelines', { key: 'simulator-read-only-key' })).status).toBe(200);
  expect((await ask('pipelines/two_roots/start', { key: 'simulator-read-only-key', json: {} })).status).toBe(403);
});

test('pages hold 50 unless told otherwise and at most 100, of the tasks of a run 10 and 50; limit and offset are ignored', async () => {
  const first = await ask('pipeline_runs?limit=1000&offset=20');
  expect(first.body).toMatchObject({ page: 1, pageSize: 50 });
  expect(first.body.results).toHaveLength(50);
  expect((await ask('pipeline_runs?page_size=100')).body.results).toHaveLength(100);
  for (const query of ['page_size=101', 'page_size=0', 'page=0', 'page=x']) {
    expect(await ask(`pipeline_runs?${query}`)).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['query', query.split('=')[0]] }] },
    });
  }
  const tasks = `pipeline_runs/${newestRun(simulator, 'many_tasks')}/task_runs`;
  expect((await ask(tasks)).body).toMatchObject({ pageSize: 10, total: 120 });
  expect((await ask(`${tasks}?page_size=50&page=3`)).body.results).toHaveLength(20);
  expect((await ask(`${tasks}?page_size=51`)).status).toBe(422);
});

test('both bounds of a window or none, less than 7 days apart; the last 7 days where there is none', async () => {
  expect(loc(await ask('pipeline_runs?time_from=2026-11-19T00:00:00Z'))).toEqual(['query', 'time_to']);
  expect(loc(await ask('operations?time_to=2026-11-19T00:00:00Z'))).toEqual(['query', 'time_from']);
  expect(loc(await ask('task_runs?time_from=2026-11-12T00:00:00Z&time_to=2026-11-19T00:00:00Z'))).toEqual([
    'query',
    'time_to',
  ]);
  const old = await ask('pipeline_runs?time_from=2025-10-12T00:00:00Z&time_to=2025-10-18T23:59:59Z&status=FAILED');
  expect(old.body.results.map(({ id }: { id: string }) => id)).toEqual([seedRun]);
  const recent = await ask('pipeline_runs?page_size=100&page=1');
  expect(
    recent.body.results.every(
      ({ createdAt }: { createdAt: string }) => Date.parse(createdAt) >= start - 7 * 86_400_000,
    ),
  ).toBe(true);
  expect((await ask('pipeline_runs?status=HAPPY')).status).toBe(422);
});

test('the failed run has the facts that are known of it, and its task error says that it is invented', async () => {
  const { comment: _, triggerType, ...known } = seedFacts.known;
  const { body } = await ask(`pipeline_runs/${seedRun}/status`);
  expect(body).toMatchObject({ ...known, triggeredBy: [{ triggerType }] });
  expect((await ask(`pipeline_runs/${seedRun}`)).body).toEqual(body);
  const tasks = (await ask(`pipeline_runs/${seedRun}/task_runs`)).body.results;
  expect(tasks.map(({ status }: { status: string }) => status)).toEqual(['SUCCEEDED', 'FAILED', 'SKIPPED']);
  expect(tasks[1].externalMessage).toContain('invented by the simulator');
  expect(seedFacts.invented.invented).toBe(true);
});

test('a start takes the fields of the API and no other; it names the pipeline by id or alias', async () => {
  const refused = await ask('pipelines/two_roots/start', { json: { cause: 'because', branch: 7 } });
  expect(refused.status).toBe(422);
  expect(refused.body.detail).toMatchObject([
    { loc: ['body', 'cause'], type: 'extra_forbidden' },
    { loc: ['body', 'branch'] },
  ]);
  expect((await ask('pipelines/none_such/start', { json: {} })).status).toBe(404);
  const started = await ask(`pipelines/${seedFacts.known.pipelineId}/start`, {
    json: { branch: 'fix', retryFromFailed: false },
  });
  const { body } = await ask(`pipeline_runs/${started.body.pipelineRunId}/status`);
  expect(body).toMatchObject({ runStatus: 'CREATED', branch: 'fix', startedAt: null });
});

test('a retry runs what failed, and what comes after it only where that is asked for', async () => {
  const retried = async (json: unknown) => {
    const { body } = await ask(`pipelines/${seedFacts.invented.alias}/start`, { json });
    const status = async () => (await ask(`pipeline_runs/${body.pipelineRunId}/status`)).body.runStatus;
    const seen = [await status()];
    for (const seconds of [5, 485, 60]) {
      clock.advance(seconds * 1000);
      seen.push(await status());
    }
    const tasks = (await ask(`pipeline_runs/${body.pipelineRunId}/task_runs`)).body.results;
    return { seen, tasks: tasks.map((task: { status: string }) => task.status) };
  };
  expect(await retried({ retryFromFailed: true, continueDownstreamRun: true })).toEqual({
    seen: ['CREATED', 'RUNNING', 'RUNNING', 'SUCCEEDED'],
    tasks: ['SKIPPED', 'SUCCEEDED', 'SUCCEEDED'],
  });
  expect((await retried({ retryFromFailed: true })).tasks).toEqual(['SKIPPED', 'SUCCEEDED', 'SKIPPED']);
  expect((await ask('pipelines/matrix/start', { json: { taskIds: ['nope'] } })).status).toBe(422);
});

test('a run that is cancelled stops', async () => {
  const { body } = await ask('pipelines/cancelled_by_hand/start', { json: {} });
  const run = `pipeline_runs/${body.pipelineRunId}`;
  clock.advance(30_000);
  expect((await ask(`${run}/cancel`, { json: { force: 'yes' } })).status).toBe(422);
  expect((await ask(`${run}/cancel`, { json: { force: true } })).status).toBe(204);
  expect((await ask(`${run}/status`)).body.runStatus).toBe('CANCELLING');
  clock.advance(10_000);
  expect((await ask(`${run}/status`)).body.runStatus).toBe('CANCELLED');
});

test('each case ends as it should', async () => {
  const ends = {
    nightly_orders: 'FAILED',
    warned: 'WARNING',
    failure_as_warning: 'WARNING',
    still_running: 'RUNNING',
    broken_definition: 'FAILED',
    skipped_for_concurrency: 'SKIPPED',
    two_roots: 'FAILED',
    matrix: 'FAILED',
    second_attempt: 'FAILED',
    grouped: 'FAILED',
    of_tomorrow: 'PAUSED_FOR_REVIEW',
  };
  for (const [alias, status] of Object.entries(ends)) {
    expect({
      alias,
      status: (await ask(`pipeline_runs/${newestRun(simulator, alias)}/status`)).body.runStatus,
    }).toEqual({ alias, status });
  }
  expect((await ask(`pipeline_runs/${newestRun(simulator, 'no_sub_paths')}/task_runs`)).status).toBe(404);
  const attempts = `pipeline_runs/${newestRun(simulator, 'second_attempt')}/task_runs`;
  expect((await ask(attempts)).body.total).toBe(1);
  expect((await ask(`${attempts}?include_superseded=true`)).body.total).toBe(2);
  const grouped = (await ask(`pipeline_runs/${newestRun(simulator, 'grouped')}/task_runs`)).body.results;
  expect(grouped.map((task: { status: string }) => task.status)).toEqual(['SUCCEEDED', 'FAILED', 'SKIPPED']);
});

test('the models of a dbt task are operations', async () => {
  const task = (await taskOf('warned', 'tests')).split('/').at(-1);
  const { body } = await ask(`operations?task_run_id=${task}`);
  expect(body.results).toMatchObject([{ operationStatus: 'WARNING', operationType: 'TEST', taskRunId: task }]);
  expect((await ask(`operations?task_run_id=${task}&status=FAILED`)).body.total).toBe(0);
});

test('files are read in parts; names are data, and the storage has its faults', async () => {
  const task = await taskOf('awkward_files', 'artifacts');
  const { filenames } = (await ask(`${task}/artifacts`)).body;
  expect(filenames).toEqual(
    expect.arrayContaining(['../../etc/passwd', '1/dbt build', '2/dbt build', 'target/manifest.json']),
  );
  const odd = `${task}/artifacts/download?filename=${encodeURIComponent('../../etc/passwd')}`;
  expect((await ask(odd)).body).toBe('the body of ../../etc/passwd\n');
  const part = await ask(odd, { headers: { range: 'bytes=4-7' } });
  expect({ status: part.status, body: part.body, range: part.headers.get('content-range') }).toEqual({
    status: 206,
    body: 'body',
    range: 'bytes 4-7/29',
  });
  expect((await ask(odd, { headers: { range: 'bytes=29-40' } })).status).toBe(416);
  expect(await ask(odd, { headers: { range: 'bytes=4-7' }, simulate: 'no-range' })).toMatchObject({
    status: 200,
    body: expect.stringMatching(/^the body/),
  });
  const huge = await ask(`${task}/artifacts/download?filename=target/manifest.json`, {
    headers: { range: 'bytes=0-9' },
  });
  expect(Number(huge.headers.get('content-range')?.split('/')[1])).toBeGreaterThan(30_000_000);
  expect((await ask(`${task}/artifacts/download`)).status).toBe(422);
  expect((await ask(`${task}/artifacts/download?filename=none`)).status).toBe(404);
  const log = async (id: string) => ask(`${await taskOf('awkward_files', id)}/logs/download?filename=1/run%20script`);
  expect((await log('being_written')).headers.get('x-file-status')).toBe('PENDING');
  expect(await log('s3_down')).toMatchObject({ status: 500, body: { detail: 'Failed to download log file from S3' } });
});

test('faults come by header for one request, and from the side door for the next ones that match', async () => {
  const limited = await ask('pipelines', { simulate: '429,retry-after=3' });
  expect({ status: limited.status, after: limited.headers.get('retry-after') }).toEqual({ status: 429, after: '3' });
  const side = (path: string, json: unknown) => ask(`/_simulator/${path}`, { json });
  await side('faults', { faults: '503', times: 2, match: 'GET /api/engine/public/pipelines' });
  expect((await ask('pipeline_runs')).status).toBe(200);
  expect([(await ask('pipelines')).status, (await ask('pipelines')).status, (await ask('pipelines')).status]).toEqual([
    503, 503, 200,
  ]);
  for (const fault of ['cut', 'reset', 'reset-after'])
    await expect(ask('pipelines', { simulate: fault })).rejects.toThrow();
  expect((await side('clock', { advance_s: 60 })).body).toHaveProperty('now');
  const broken = await ask('pipelines', { simulate: 'fuzz=7' });
  expect(broken.body).toEqual((await ask('pipelines', { simulate: 'fuzz=7' })).body);
  expect(broken.body).not.toEqual((await ask('pipelines')).body);
  const { body } = await ask('/_simulator/requests');
  expect(body.at(-1)).toMatchObject({ method: 'GET', path: '/api/engine/public/pipelines', status: 200 });
});
