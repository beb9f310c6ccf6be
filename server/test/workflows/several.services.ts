import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ServeProcess, WorkerProcess } from '../support/serve-process.ts';
import { createSite, type Site } from '../support/several.ts';
import { workflowDocument } from '../support/workflows.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

// Two servers that run no jobs and two workers on one PostgreSQL and one bucket.
let site: Site;
let a: ServeProcess;
let b: ServeProcess;
const workers = new Map<string, WorkerProcess>();
beforeAll(async () => {
  site = await createSite();
  [a, b] = await Promise.all([
    site.serve('a', ['--jobs-concurrency', '0']),
    site.serve('b', ['--jobs-concurrency', '0']),
  ]);
  for (const name of ['worker-1', 'worker-2']) workers.set(name, await site.worker(name));
}, 120_000);
afterAll(() => site.close());

async function ok(on: ServeProcess, name: string, input: unknown): Promise<Body> {
  const { status, body } = await on.call(name, input);
  expect({ name, status, refused: status !== 200 && body }).toEqual({ name, status: 200, refused: false });
  return body;
}
const put = (name: string, states: object, more = {}) =>
  ok(a, 'put_workflow', { definition: workflowDocument(name, states, more) });
async function ended(on: ServeProcess, run_id: string): Promise<Body> {
  let run: Body;
  const look = async () => {
    run = await ok(on, 'get_workflow_run', { run_id, wait_s: 10, page_size: 200 });
    return run.ended_at !== undefined;
  };
  await expect.poll(look, { timeout: 60_000 }).toBe(true);
  return run;
}

test('what is put at one server runs at a worker, which calls our own tools, and is seen at the other server', async () => {
  const call = { Type: 'Task', Resource: 'mcp://tutti/list_workflows', Output: '{% $count($states.result.items) %}' };
  await put('own', { Call: { ...call, End: true } }, { scopes: ['workflows:read'] });
  const run = await ok(b, 'run_pipeline', { workflow: 'own', wait_s: 15 });
  expect(run).toMatchObject({ status: 'succeeded', output: 1 });
  expect(await ok(a, 'get_workflow_run', { run_id: run.run_id })).toMatchObject({ status: 'succeeded' });
});

test('a run goes on at the other worker when its own is killed', async () => {
  const states = {
    Begin: { Type: 'Pass', Assign: { n: 0 }, Next: 'Step' },
    Step: { Type: 'Pass', Assign: { n: '{% $n + 1 %}' }, Next: 'More' },
    More: { Type: 'Choice', Choices: [{ Condition: '{% $n < 60 %}', Next: 'Rest' }], Default: 'Done' },
    Rest: { Type: 'Pass', Next: 'Step' },
    Done: { Type: 'Succeed', Output: '{% $n %}' },
  };
  const each = { StartAt: 'Hold', States: { Hold: { Type: 'Wait', Seconds: 8, End: true } } };
  await put('long', {
    Each: { Type: 'Map', Items: [1, 2, 3], ItemProcessor: each, Output: '{% $states.result %}', End: true },
  });
  await put('busy', states);
  const runs = await Promise.all(
    ['long', 'busy', 'busy', 'busy'].map((workflow) => ok(b, 'run_pipeline', { workflow, wait_s: 0 })),
  );
  await workers.get('worker-1')?.kill();
  const outputs = [];
  for (const { run_id } of runs) outputs.push((await ended(a, run_id)).output);
  expect(outputs).toEqual([[1, 2, 3], 60, 60, 60]);
});

test('a schedule is kept by one server at a time, by the other when that is killed', async () => {
  await put(
    'ticks',
    { Done: { Type: 'Pass', End: true } },
    { triggers: [{ schedule: { cron: '* * * * * *', missed: 'all' } }] },
  );
  const times = async (on: ServeProcess) => {
    const { items } = await ok(on, 'list_workflow_runs', { workflow: 'ticks', page_size: 200 });
    return items.map(({ trigger }: Body) => Date.parse(trigger.at) / 1000).reverse();
  };
  await expect.poll(async () => (await times(b)).length, { timeout: 60_000 }).toBeGreaterThan(3);
  await a.kill();
  const before = (await times(b)).length;
  await expect.poll(async () => (await times(b)).length, { timeout: 60_000 }).toBeGreaterThan(before + 5);
  const seen = await times(b);
  expect(seen).toEqual(seen.map((_: number, n: number) => seen[0] + n));
});
