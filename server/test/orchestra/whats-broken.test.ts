import { beforeEach, expect, test } from 'vitest';
import { readBroken } from '../../src/capabilities/orchestra/diagnosis/broken.ts';
import { maxReportBytes } from '../../src/capabilities/orchestra/diagnosis/compose.ts';
import { brokenSchema, showBroken } from '../../src/capabilities/orchestra/diagnosis/show-broken.ts';
import { clientOf, newestRun, simulated } from '../support/orchestra.ts';

const simulator = await simulated();
const open = clientOf(simulator);
beforeEach(() => {
  simulator.faults.clear();
  (simulator.seen as unknown[]).length = 0;
});
const day = 86_400_000;

async function broken(window = {}) {
  const api = open();
  const text = JSON.stringify(showBroken(await readBroken(api, window), api.site));
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxReportBytes);
  return brokenSchema.parse(JSON.parse(text));
}
type Shown = Awaited<ReturnType<typeof broken>>;
const group = ({ groups }: Shown, task: string) => groups.items.find(({ task_id }) => task_id === task);

test('the last day in three requests: each failure once, the same ones together, what failed before what warned', async () => {
  const shown = await broken();
  expect(simulator.seen.map(({ path }) => path.replace('/api/engine/public', '')).sort()).toEqual([
    '/pipeline_runs',
    '/pipelines',
    '/task_runs',
  ]);
  expect(Date.parse(shown.summary.to) - Date.parse(shown.summary.from)).toBe(day);
  expect(shown.summary).toMatchObject({ warning_runs: 2 });
  const statuses = shown.groups.items.map(({ status }) => status);
  expect(statuses.lastIndexOf('FAILED')).toBeLessThan(statuses.indexOf('WARNING'));
  expect(group(shown, 'extract_a')).toMatchObject({ category: 'AUTH', retryable: 'no', runs: 1, recovered: false });
  // Of a matrix the child, and of two tasks one after the other the first.
  expect(group(shown, 'regions_us')).toMatchObject({ category: 'TOOL_OR_INFRASTRUCTURE' });
  expect(group(shown, 'regions')).toBeUndefined();
});

test('a failure that comes again is one group, with its first, its last and the run to diagnose', async () => {
  const shown = await broken({ from: Date.now() - 6.5 * day });
  expect(group(shown, 'transform')).toMatchObject({
    runs: 2,
    category: 'TIMEOUT',
    newest_run_id: newestRun(simulator, 'nightly_orders'),
    pipelines: [{ pipeline_name: 'Nightly orders', runs: 2 }],
    message: { untrusted: true },
  });
  const { first_at, last_at } = group(shown, 'transform') as Record<string, string>;
  expect(Date.parse(last_at ?? '') - Date.parse(first_at ?? '')).toBe(day);
});

test('what failed a moment ago is shown although the clock over there is ahead of ours', async () => {
  const ahead = await simulated();
  ahead.state.clock.advance(3 * 3_600_000);
  const client = clientOf(ahead)();
  const { id } = await client.pipeline('two_roots');
  await client.start('two_roots');
  ahead.state.clock.advance(600_000);
  const { runs } = await readBroken(client, {});
  expect(runs.filter(({ pipelineId }) => pipelineId === id)).toHaveLength(2);
});

test('a month is walked in windows; a run of long ago is found by its time', async () => {
  const shown = await broken({
    from: Date.parse('2025-10-01T00:00:00Z'),
    to: Date.parse('2025-10-31T00:00:00Z'),
  });
  expect(shown.summary).toMatchObject({ failed_runs: 1, groups: 1 });
  expect(group(shown, 'dbt_build_sales_journal')).toMatchObject({ runs: 1, category: 'QUERY' });
  expect(simulator.seen.every(({ status }) => status === 200)).toBe(true);
});

test('a pipeline whose newest run went well has recovered', async () => {
  const again = await simulated();
  const client = clientOf(again)();
  await client.start('matrix');
  again.state.clock.advance(3_600_000);
  const shown = showBroken(await readBroken(client, {}), client.site);
  expect(shown.groups.items.find(({ task_id }) => task_id === 'regions_us')).toMatchObject({ recovered: true });
});

test('runs without a task to be found are grouped by what is said of them', async () => {
  const shown = await broken();
  const definition = shown.groups.items.find(
    ({ newest_run_id }) => newest_run_id === newestRun(simulator, 'broken_definition'),
  );
  expect(definition).toMatchObject({ category: 'CONFIG', runs: 1 });
  expect(definition).not.toHaveProperty('task_id');
  expect(shown.gaps.items).toContainEqual(expect.objectContaining({ what: 'Failed tasks' }));
});

test('without the sweep of tasks, or the pipelines, there are gaps; without the runs it fails', async () => {
  simulator.faults.add('403', 9, '/public/task_runs');
  const shown = await broken();
  expect(shown.summary.groups).toBeGreaterThan(3);
  expect(shown.gaps.items).toContainEqual(expect.objectContaining({ code: 'ORCHESTRA_FORBIDDEN' }));
  simulator.faults.clear();
  simulator.faults.add('403', 9, '/public/pipelines');
  expect(group(await broken(), 'extract_a')).not.toHaveProperty('recovered');
  simulator.faults.clear();
  simulator.faults.add('401', 9);
  await expect(broken()).rejects.toMatchObject({ code: 'ORCHESTRA_UNAUTHORIZED' });
});
