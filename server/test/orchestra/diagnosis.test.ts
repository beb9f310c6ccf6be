import { beforeEach, expect, test } from 'vitest';
import { maxReportBytes } from '../../src/capabilities/orchestra/diagnosis/compose.ts';
import { diagnose } from '../../src/capabilities/orchestra/diagnosis/diagnose.ts';
import { reportSchema } from '../../src/capabilities/orchestra/diagnosis/report.ts';
import { createOrchestra } from '../../src/capabilities/orchestra/index.ts';
import { readSettings } from '../../src/core/settings.ts';
import { clientOf, newestRun, seedRun, simulated } from '../support/orchestra.ts';

const simulator = await simulated();
const open = clientOf(simulator);
beforeEach(() => {
  simulator.faults.clear();
  (simulator.seen as unknown[]).length = 0;
});
const around = { from: Date.parse('2025-10-13T00:00:00Z'), to: Date.parse('2025-10-16T00:00:00Z') };

/** The report on what a text names, checked as every report must be. */
async function reportOn(subject: string, window = {}, writes = false) {
  const text = JSON.stringify(await diagnose(open(), { subject, window, writes }));
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxReportBytes);
  return reportSchema.parse(JSON.parse(text));
}
const ofNewest = (alias: string, writes = false) => reportOn(newestRun(simulator, alias), {}, writes);
type Report = Awaited<ReturnType<typeof reportOn>>;
const gaps = ({ gaps: { items } }: Report) => items.map(({ what, why }) => `${what}: ${why}`);
const failed = ({ failed_tasks: { items } }: Report) =>
  items.map(({ task_id, root }) => `${task_id}${root ? '*' : ''}`);
const excerpt = ({ error_excerpts: { items } }: Report, at = 0) => items[at] as Record<string, never>;
const tools = ({ next_steps: { items } }: Report) => items.map(({ tool }) => tool);

test('the failed run that is known by its first eight characters, in the time around it', async () => {
  const report = await reportOn('8e808ad7', around);
  expect(report.run).toMatchObject({
    pipeline_run_id: seedRun,
    pipeline_name: 'Sales Journal - Full Refresh DBT Models',
    status: 'FAILED',
    message: { untrusted: true, text: 'Pipeline failed - a task is in failed state.' },
    created_at: '2025-10-15T20:41:19.895Z',
    duration_seconds: 532.628,
    triggered_by: [{ type: 'WEBHOOK' }],
  });
  expect(report.run).not.toHaveProperty('commit');
  // The error is the simulator's invention, and says so in each place where it stands.
  const invented = 'invented by the simulator: the real error was never seen';
  expect(report.verdict).toMatchObject({
    category: 'QUERY',
    confidence: 'high',
    retryable: 'no',
    cause: { untrusted: true, source: 'platform' },
    evidence_from: 'operations',
    about: 'rpt_sales_journal_analysis',
  });
  expect(report.verdict.cause?.text).toMatch(/^Database Error in model rpt_sales_journal_analysis/);
  expect(report.verdict.evidence?.text).toContain(invented);
  expect(excerpt(report)).toMatchObject({ from: 'operations', excerpt: { text: expect.stringContaining(invented) } });
  expect(failed(report)).toEqual(['dbt_build_sales_journal*']);
  expect(report.failed_tasks.items[0]).toMatchObject({
    task_name: 'dbt build',
    upstream: [{ task_id: 'load_journal', status: 'SUCCEEDED' }],
  });
  expect(report.impact.skipped_downstream).toMatchObject([
    { task_id: 'refresh_report', because_of: 'dbt_build_sales_journal' },
  ]);
  expect(report.history).toMatchObject({
    counts: { succeeded: 1, failed: 0 },
    last_success: { created_at: '2025-10-14T20:41:05.118Z' },
    streak: { runs: 1 },
  });
  expect(report.change).toMatchObject({ changed: false, unknown: ['commit', 'branch'] });
  expect(report.files.items).toMatchObject([
    {
      logs: [{ name: '1/dbt build', attempt: 1 }],
      artifacts: [
        { name: 'target/run_results.json', resource_uri: expect.stringMatching(/^orchestra:.*run_results\.json$/) },
      ],
    },
  ]);
  expect(gaps(report)).toEqual([]);
});

test.each([
  ['its id, older than any list without times', seedRun],
  ['the address of its page', `https://app.getorchestra.io/pipeline-runs/${seedRun}/lineage`],
  ['the id of its pipeline', 'daa39221-b30f-4b27-a8ee-a1b98ca28d0f'],
  ['the page of its pipeline', 'https://app.getorchestra.io/pipelines/daa39221-b30f-4b27-a8ee-a1b98ca28d0f'],
  ['the alias of its pipeline', 'sales_journal_full_refresh'],
])('the same run is found by %s', async (_, subject) => {
  expect((await reportOn(subject)).run.pipeline_run_id).toBe(seedRun);
});

test('a pipeline without a failed run in that time, a beginning of no run, and what is neither are told apart', async () => {
  const none = { code: 'ORCHESTRA_NOT_FOUND', message: expect.stringContaining('no failed run') };
  await expect(reportOn('every_half_hour')).rejects.toMatchObject(none);
  await expect(reportOn('sales_journal_full_refresh', { from: Date.now() - 86_400_000 })).rejects.toMatchObject(none);
  await expect(reportOn('8e808ad7')).rejects.toMatchObject({
    code: 'ORCHESTRA_NOT_FOUND',
    suggestion: expect.stringContaining('time_from'),
  });
  await expect(reportOn('00000000-0000-4000-8000-000000000000')).rejects.toMatchObject({ code: 'ORCHESTRA_NOT_FOUND' });
  await expect(reportOn('../pipelines')).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  expect(simulator.seen.every(({ path }) => !path.includes('..'))).toBe(true);
});

test('a run that ended with a warning', async () => {
  const report = await ofNewest('warned');
  expect(report.verdict).toMatchObject({ category: 'DATA', evidence_from: 'operations', about: 'not_null_orders_id' });
  expect(failed(report)).toEqual(['tests*']);
});

test('a failure that is treated as a warning', async () => {
  const report = await ofNewest('failure_as_warning');
  expect(report.run.status).toBe('WARNING');
  expect(report.failed_tasks.items).toMatchObject([{ task_id: 'optional', failure_as_warning: true, root: true }]);
  expect(report.verdict).toMatchObject({ category: 'DATA', evidence_from: 'external_message' });
});

test('a cancelled run', async () => {
  const report = await ofNewest('cancelled_by_hand');
  expect(report.verdict).toMatchObject({ category: 'CANCELLED', retryable: 'unknown' });
  expect(report.impact.cancelled).toMatchObject([{ task_id: 'long' }, { task_id: 'never' }]);
});

test('a run that still goes on although a task has failed', async () => {
  const report = await ofNewest('still_running', true);
  expect(report.run).toMatchObject({ status: 'RUNNING' });
  expect(report.verdict).toMatchObject({ category: 'CODE', confidence: 'high' });
  expect(failed(report)).toEqual(['broken*']);
  expect(tools(report)[0]).toBe('watch_pipeline_run');
  expect(tools(report)).not.toContain('retry_pipeline_run');
});

test('a failed run without a failed task', async () => {
  const report = await ofNewest('broken_definition');
  expect(report.verdict).toMatchObject({ category: 'CONFIG', confidence: 'medium', evidence_from: 'run_message' });
  expect(report.verdict.cause?.text).toContain('REGION');
  expect(gaps(report)).toContainEqual(expect.stringContaining('none of its tasks did'));
});

test('two roots that have nothing to do with each other, and what both hold up', async () => {
  const report = await ofNewest('two_roots');
  expect(failed(report)).toEqual(['extract_b*', 'extract_a*']);
  expect(report.failed_tasks.items.map(({ category }) => category)).toEqual(['QUERY', 'AUTH']);
  expect(report.error_excerpts.items).toHaveLength(2);
  expect(report.impact.skipped_downstream).toMatchObject([{ task_id: 'join' }]);
});

test('children of a matrix: the one that failed is the root, not what stands for all of them', async () => {
  const report = await ofNewest('matrix');
  expect(failed(report)).toEqual(['regions_us*', 'regions']);
  expect(report.failed_tasks.items[0]).toMatchObject({
    matrix_siblings: [
      { task_id: 'regions_eu', status: 'SUCCEEDED' },
      { task_id: 'regions_ap', status: 'SUCCEEDED' },
    ],
  });
});

test('of several attempts the newest one is read', async () => {
  const report = await ofNewest('second_attempt');
  expect(report.failed_tasks.items).toMatchObject([{ task_id: 'flaky', attempts: 2 }]);
  expect(excerpt(report)).toMatchObject({ about: '2/run script' });
  expect(excerpt(report).excerpt).toMatchObject({ text: expect.stringContaining('ECONNRESET in attempt 2') });
});

test('more than 50 tasks', async () => {
  const report = await ofNewest('many_tasks');
  expect(failed(report)).toEqual(['t070*']);
  expect(report.impact).toMatchObject({ truncated: true });
  expect(report.impact.skipped_downstream[0]).toMatchObject({ task_id: 't071', because_of: 't070' });
  expect(gaps(report).filter((gap) => gap.startsWith('Tasks'))).toEqual([]);
});

test('a group that tasks wait for', async () => {
  const report = await ofNewest('grouped');
  expect(failed(report)).toEqual(['in_2*']);
  // Who is in the group is not known, so that the skipped task is told without a cause.
  expect(report.impact.skipped_downstream).toMatchObject([{ task_id: 'model', status: 'SKIPPED' }]);
  expect(gaps(report)).toContainEqual(expect.stringContaining('wait for a group'));
});

test('tasks that are not found at the run are looked for among all of that time', async () => {
  simulator.faults.add('404', 1, `${newestRun(simulator, 'nightly_orders')}/task_runs`);
  const report = await ofNewest('nightly_orders');
  expect(failed(report)).toEqual(['transform*']);
  expect(gaps(report)).toContainEqual(expect.stringContaining('Tasks of the run: '));
});

test('a run whose tasks cannot be read at all', async () => {
  const report = await ofNewest('no_sub_paths');
  expect(report.verdict).toMatchObject({ category: 'UNKNOWN', confidence: 'low', evidence_from: 'run_message' });
  expect(report.gaps.items).toContainEqual(
    expect.objectContaining({ what: 'Tasks of the run', code: 'ORCHESTRA_NOT_FOUND', endpoint: expect.any(String) }),
  );
});

test('no log, no message and no time of beginning', async () => {
  const report = await ofNewest('nothing_said');
  expect(failed(report)).toEqual(['silent*']);
  expect(report.verdict).toMatchObject({ category: 'UNKNOWN', confidence: 'low' });
  expect(report.verdict).not.toHaveProperty('cause');
  expect(report.run).not.toHaveProperty('started_at');
  expect(gaps(report)).toContainEqual('Log: The task has none.');
});

test('a log that the storage cannot give', async () => {
  simulator.faults.add('s3-500', 1, '/logs/download');
  const report = await ofNewest('second_attempt');
  expect(report.verdict).toMatchObject({ category: 'NETWORK', evidence_from: 'external_message' });
  expect(report.error_excerpts.items).toEqual([]);
  expect(gaps(report)).toContainEqual('Log: The storage of Orchestra cannot read this file.');
});

test('a log still being written, one whose range is ignored, and one of ANSI, broken UTF-8 and a password', async () => {
  const report = await ofNewest('awkward_files');
  const [written, ignored, messy] = report.error_excerpts.items as Record<string, { text: string }>[];
  expect(written).toMatchObject({ task_id: 'being_written', from: 'log_tail', excerpt: { text: 'first line' } });
  expect(gaps(report)).toContainEqual(expect.stringContaining('still being written'));
  expect(ignored).toMatchObject({ task_id: 'ignores_range', from: 'log', truncated: true });
  expect(ignored?.excerpt?.text).toContain('ERROR: near the end\n');
  expect(messy?.excerpt?.text).toMatch(/ERROR: could not connect to warehouse\nTraceback .*ConnectionResetError/s);
  expect(messy?.excerpt?.text).not.toContain('\u001b');
  expect(JSON.stringify(report)).not.toContain('hunter2');
  // What cannot be explained does not hide what can.
  expect(report.verdict).toMatchObject({ category: 'NETWORK', confidence: 'low', evidence_from: 'log' });
});

test('models that failed by run_results.json alone, beside 30 MB that nobody reads, after another commit', async () => {
  const report = await ofNewest('dbt_without_operations');
  expect(report.verdict).toMatchObject({
    category: 'QUERY',
    evidence_from: 'run_results',
    about: 'model.shop.fct_orders',
  });
  expect(excerpt(report).excerpt).toMatchObject({ text: expect.stringContaining('select discount from stg_orders') });
  expect(simulator.seen.filter(({ query }) => query.includes('manifest'))).toEqual([]);
  expect(report.change).toMatchObject({ changed: true, commit: { from: 'aaaa1111', to: 'bbbb2222' } });
  expect(tools(report)).toContain('get_pipeline_run_details');
});

test('a failure of a feature branch is told as such', async () => {
  const report = await ofNewest('feature_branch', true);
  expect(report.verdict).toMatchObject({ category: 'FEATURE_BRANCH_RUN', error_category: 'CODE', retryable: 'no' });
  expect(tools(report)).not.toContain('retry_pipeline_run');
});

test('values that are not known yet', async () => {
  const report = await ofNewest('of_tomorrow');
  expect(report.run.status).toBe('PAUSED_FOR_REVIEW');
  expect(report.verdict).toMatchObject({ category: 'UNKNOWN', confidence: 'low' });
  expect(gaps(report)).toContainEqual(expect.stringContaining('does not know'));
});

test('a run that was skipped, and one that went well', async () => {
  expect((await ofNewest('skipped_for_concurrency')).verdict).toMatchObject({ category: 'SKIPPED', retryable: 'yes' });
  const well = await ofNewest('every_half_hour');
  expect(well.verdict).toMatchObject({ category: 'NOT_FAILED' });
  expect(well.next_steps.items).toEqual([]);
});

test('a failure that was there before: how often, since when, and who else waits', async () => {
  const report = await ofNewest('nightly_orders', true);
  expect(report.history).toMatchObject({
    counts: { succeeded: 4, failed: 1 },
    streak: { runs: 2, begins_earlier: false },
    same_failure: { runs: 1 },
    latest_run: { is_this: true },
  });
  expect(report.failed_tasks.items[0]).toMatchObject({ seen_before: { runs: 1 } });
  expect(report.impact.downstream_pipelines).toMatchObject([{ pipeline_name: 'Orders report', by: 'trigger_event' }]);
  // It may be gone the next time, it is the newest run, and the operator allows it.
  expect(report.next_steps.items[0]).toMatchObject({
    tool: 'retry_pipeline_run',
    args: { pipeline_run_id: report.run.pipeline_run_id },
    writes: true,
  });
  expect(tools(await ofNewest('nightly_orders', false))).not.toContain('retry_pipeline_run');
});

test('a success of more than a week ago is found; the failures since may be more than are seen', async () => {
  const report = await ofNewest('failing_for_days');
  expect(report.history).toMatchObject({
    counts: { succeeded: 0, failed: 1 },
    last_success: { pipeline_run_id: expect.any(String) },
    streak: { runs: 2, begins_earlier: true },
    same_failure: { runs: 1 },
  });
  expect(gaps(report)).toEqual([]);
});

test('of more runs in a week than one page holds the last success is found all the same', async () => {
  const busy = await simulated();
  const runs = busy.state.runs().filter(({ pipeline }) => pipeline.alias === 'every_half_hour');
  for (const { plan } of runs.slice(0, 120)) Object.assign(plan, { exact: { runStatus: 'FAILED' } });
  const subject = runs[0]?.id ?? '';
  const report = await diagnose(clientOf(busy)(), { subject, window: {}, writes: false });
  expect(report.history).toMatchObject({
    truncated: true,
    counts: { failed: 99 },
    last_success: { pipeline_run_id: runs[120]?.id },
  });
});

test('of an older run no retry is proposed, but a look at the newest', async () => {
  const older = simulator.state.runs().filter(({ pipeline }) => pipeline.alias === 'nightly_orders')[1]?.id ?? '';
  const report = await reportOn(older, {}, true);
  expect(report.history).toMatchObject({ streak: { runs: 1 }, latest_run: { is_this: false } });
  expect(report.next_steps.items[0]).toMatchObject({
    tool: 'diagnose_pipeline_run',
    args: { pipeline_run_id: newestRun(simulator, 'nightly_orders') },
  });
  expect(tools(report)).not.toContain('retry_pipeline_run');
});

test('each next step names a tool that is there, with input that it takes', async () => {
  const nothing = undefined as never;
  const settings = readSettings(['--data-dir', '/nonexistent', '--orchestra-allow-writes'], {});
  const { tools: own } = createOrchestra({ db: nothing, jobs: nothing, cursors: nothing, feed: nothing, settings });
  const named = new Set<string>();
  for (const { alias, runs } of simulator.state.pipelines.values()) {
    if (runs.length === 0) continue;
    for (const { tool, args } of (await ofNewest(alias, true)).next_steps.items) {
      if (tool === undefined) continue;
      named.add(tool);
      const input = own.find(({ name }) => name === tool)?.input;
      expect(input?.safeParse(args).success, `${alias}: ${tool} ${JSON.stringify(args)}`).toBe(true);
    }
  }
  expect([...named].sort()).toEqual([
    'get_pipeline_run_details',
    'get_task_run_logs',
    'list_task_operations',
    'retry_pipeline_run',
    'watch_pipeline_run',
  ]);
});

test('whatever cannot be read is a gap, and no failure', async () => {
  const all = await ofNewest('thirty_tasks');
  expect(gaps(all).length).toBeLessThan(3);
  const lists = ['GET /api/engine/public/task_runs', 'GET /api/engine/public/pipelines'];
  for (const path of ['/operations', '/logs', '/logs/download', '/artifacts', ...lists]) {
    simulator.faults.add('403', 9, path);
    const report = await ofNewest('thirty_tasks');
    expect(failed(report), path).toEqual(['n04*']);
    expect(report.verdict.category).toBe('TIMEOUT');
    expect(report.gaps.items, path).toContainEqual(expect.objectContaining({ code: 'ORCHESTRA_FORBIDDEN' }));
    simulator.faults.clear();
  }
});

test('an old run that only lists of its time still know', async () => {
  await expect(reportOn(seedRun, around)).resolves.toBeDefined();
  simulator.faults.add('old-gone', 100);
  await expect(reportOn(seedRun)).rejects.toMatchObject({ code: 'ORCHESTRA_NOT_FOUND' });
  const report = await reportOn(seedRun, around);
  expect(failed(report)).toEqual(['dbt_build_sales_journal*']);
  expect(report.verdict).toMatchObject({ category: 'QUERY', evidence_from: 'operations' });
  expect(report.gaps.items).toContainEqual(
    expect.objectContaining({ what: 'Names of logs', task_id: 'dbt_build_sales_journal', code: 'ORCHESTRA_NOT_FOUND' }),
  );
});

test('what never answers is a gap once the time is over', async () => {
  simulator.faults.add('hang', 99, '/logs/download');
  const impatient = clientOf(simulator, { pace: { attemptMs: 500, attempts: 1 } });
  const subject = newestRun(simulator, 'thirty_tasks');
  const report = await diagnose(impatient(), { subject, window: {}, writes: false });
  expect(report.verdict).toMatchObject({ category: 'TIMEOUT', evidence_from: 'external_message' });
  expect(report.gaps.items).toContainEqual(expect.objectContaining({ what: 'Log', code: 'ORCHESTRA_TIMED_OUT' }));
});

test('a caller who gives up gets no report', async () => {
  simulator.faults.add('hang', 99, '/operations');
  const caller = new AbortController();
  const asked = diagnose(open(caller.signal), {
    subject: newestRun(simulator, 'thirty_tasks'),
    window: {},
    writes: false,
  });
  await expect.poll(() => simulator.seen.some(({ path }) => path.endsWith('/operations'))).toBe(true);
  caller.abort(new Error('gone'));
  await expect(asked).rejects.toThrow('gone');
});

test('a run that cannot be read is a failure', async () => {
  simulator.faults.add('401', 9);
  await expect(ofNewest('thirty_tasks')).rejects.toMatchObject({ code: 'ORCHESTRA_UNAUTHORIZED' });
});

test.each(['thirty_tasks', 'three_of_thirty'])(
  '%s are diagnosed in 18 requests, 6 round trips deep, 4 at once',
  async (alias) => {
    const slow = await simulated({ delayMs: 100 });
    await diagnose(clientOf(slow)(), { subject: newestRun(slow, alias), window: {}, writes: false });
    expect(slow.seen.length).toBeGreaterThan(8);
    expect(slow.seen.length).toBeLessThanOrEqual(18);
    expect(Math.max(...slow.seen.map(({ round }) => round))).toBeLessThanOrEqual(6);
    expect(slow.mostAtOnce()).toBe(4);
  },
);
