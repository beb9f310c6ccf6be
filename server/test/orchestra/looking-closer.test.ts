import { expect, test } from 'vitest';
import { createClock } from '../../../examples/orchestra-simulator/clock.ts';
import seedFacts from '../../../examples/orchestra-simulator/data/seed-run.json' with { type: 'json' };
import { newestRun, seedRun, simulated, startOrchestraServer } from '../support/orchestra.ts';

// The tools for whoever looks closer than a diagnosis does: logs, operations, pipelines.

const simulator = await simulated({ clock: createClock({ start: Date.now(), speed: 0 }) });
const server = await startOrchestraServer(simulator);
const { ok, fails } = server;

// biome-ignore lint/suspicious/noExplicitAny: answers are checked field by field
type Body = any;

/** Where a task of the newest run of a pipeline stands. */
async function taskOf(alias: string, taskId: string) {
  const pipeline_run_id = newestRun(simulator, alias);
  return { pipeline_run_id, task_run_id: await taskRunId(pipeline_run_id, taskId) };
}

async function taskRunId(run: string, taskId: string): Promise<string> {
  const response = await fetch(new URL(`pipeline_runs/${run}/task_runs?page_size=50`, simulator.url), {
    headers: { authorization: 'Bearer simulator-key' },
  });
  const { results } = (await response.json()) as Body;
  return results.find((task: Body) => task.taskId === taskId).id;
}

test('the last lines of the newest attempt’s log, as data, without colours, secrets and broken bytes', async () => {
  const place = await taskOf('awkward_files', 'messy');
  const body = await ok('get_task_run_logs', place);
  expect(body).toMatchObject({
    ...place,
    logs: [{ filename: '1/run script', attempt: 1 }],
    filename: '1/run script',
    cut: false,
  });
  expect(body.log).toMatchObject({ untrusted: true, source: 'log' });
  expect(body.log.text.split('\n')).toHaveLength(body.lines);
  expect(body.log.text).toMatch(/^12:00:01 {2}Running with dbt\nWARN password=\[redacted\]\n/);
  expect(body.log.text).toContain('\nERROR: could not connect to warehouse\n');
  const two = await ok('get_task_run_logs', { ...place, tail_lines: 2 });
  expect(two).toMatchObject({ lines: 2, cut: true });
  expect(two.log.text).toMatch(/line 7, in <module>\nConnectionResetError/);
});

test('a long log is read piece by piece, each line once, also where ranges are ignored', async () => {
  const place = await taskOf('awkward_files', 'ignores_range');
  const lines: string[] = [];
  let pieces = 0;
  for (let offset: number | undefined = 0; offset !== undefined; pieces += 1) {
    const body: Body = await ok('get_task_run_logs', { ...place, offset, length: 16_384 });
    lines.push(...body.log.text.split('\n'));
    offset = body.next_offset;
  }
  expect(pieces).toBeGreaterThan(5);
  expect(lines).toHaveLength(5000);
  expect(lines[4900]).toBe('ERROR: near the end');
  expect(lines.filter((line) => line.startsWith('12:00:07 ')).sort()).toEqual([
    '12:00:07 step 3607 done',
    '12:00:07 step 7 done',
  ]);
  // From within a line on: what is left of that line is no line.
  const within = await ok('get_task_run_logs', { ...place, offset: 3, length: 16_384 });
  expect(within.log.text).toMatch(/^12:00:01 step 1 done\n/);
  expect(await ok('get_task_run_logs', { ...place, offset: 10_000_000 })).toMatchObject({
    lines: 0,
    log: { text: '' },
  });
});

test('a log that is being written says so, one that the storage lacks fails, a task without logs has none', async () => {
  expect(await ok('get_task_run_logs', await taskOf('awkward_files', 'being_written'))).toMatchObject({
    pending: true,
    log: { text: 'first line' },
  });
  expect(await fails('get_task_run_logs', await taskOf('awkward_files', 's3_down'))).toMatchObject({
    code: 'ORCHESTRA_UNAVAILABLE',
    message: 'The storage of Orchestra cannot read this file.',
  });
  const none = await ok('get_task_run_logs', await taskOf('nothing_said', 'silent'));
  expect(none.logs).toEqual([]);
  expect(none).not.toHaveProperty('log');
  const messy = await taskOf('awkward_files', 'messy');
  expect(await fails('get_task_run_logs', { ...messy, filename: '../../etc/passwd' })).toMatchObject({
    code: 'NOT_FOUND',
    details: { logs: ['1/run script'] },
  });
  expect(await fails('get_task_run_logs', { ...messy, task_run_id: '../status' })).toMatchObject({
    code: 'VALIDATION_FAILED',
  });
});

test('the operations of a task of a run of last year, found by the beginning of its id', async () => {
  const task_run_id = await taskRunId(seedRun, seedFacts.invented.failingTask);
  const asked = { pipeline_run_id: seedRun.slice(0, 8), time_from: '2025-10-12', time_to: '2025-10-18', task_run_id };
  const all = await ok('list_task_operations', asked);
  expect(all).toMatchObject({ pipeline_run_id: seedRun, total: 3, gaps: [] });
  expect(all.items.map(({ name, status }: Body) => [name, status])).toEqual(
    expect.arrayContaining([
      ['stg_journal_entries', 'SUCCEEDED'],
      ['rpt_sales_journal_analysis', 'FAILED'],
    ]),
  );
  const failed = await ok('list_task_operations', { ...asked, pipeline_run_id: seedRun, status: 'failed' });
  expect(failed).toMatchObject({ total: 1, items: [{ status: 'FAILED', message: { untrusted: true } }] });
  const first = await ok('list_task_operations', { ...asked, page_size: 2 });
  const rest = await ok('list_task_operations', { ...asked, page_size: 2, page: first.next_page });
  expect([...first.items, ...rest.items]).toEqual(all.items);
  expect(rest).not.toHaveProperty('next_page');
  expect(await fails('list_task_operations', { ...asked, status: 'failed', page: first.next_page })).toMatchObject({
    code: 'BAD_CURSOR',
  });
});

test('pipelines by a part of their name, by how their newest run is, page by page', async () => {
  const { items, total } = await ok('list_orchestra_pipelines', { page_size: 200 });
  expect(items).toHaveLength(total);
  expect(await ok('list_orchestra_pipelines', { name: 'sales JOURNAL' })).toMatchObject({
    total: 1,
    items: [{ alias: 'sales_journal_full_refresh', latest_run: { pipeline_run_id: seedRun, status: 'FAILED' } }],
  });
  const failed = await ok('list_orchestra_pipelines', { latest_run_status: 'failed', page_size: 200 });
  expect(failed.total).toBeLessThan(total);
  expect(new Set(failed.items.map((one: Body) => one.latest_run.status))).toEqual(new Set(['FAILED']));
  const seen: Body[] = [];
  for (let page: string | undefined, first = true; first || page !== undefined; first = false) {
    const body: Body = await ok('list_orchestra_pipelines', { page_size: 7, ...(page !== undefined && { page }) });
    seen.push(...body.items);
    page = body.next_page;
  }
  expect(seen).toEqual(items);
});
