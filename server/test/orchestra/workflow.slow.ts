import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { createClock } from '../../../examples/orchestra-simulator/clock.ts';
import { simulated, startOrchestraServer } from '../support/orchestra.ts';
import { workflowDocument } from '../support/workflows.ts';

// The example: a workflow that starts a run of Orchestra and awaits its end.

const clock = createClock({ start: Date.now(), speed: 0 });
const simulator = await simulated({ clock });
const { ok, fails } = await startOrchestraServer(simulator);
const definition = readFileSync(path.join(import.meta.dirname, '../../../examples/workflows/orchestra.yaml'), 'utf8');

// biome-ignore lint/suspicious/noExplicitAny: answers are checked field by field
type Body = any;

beforeAll(async () => {
  expect(await ok('put_workflow', { definition })).toMatchObject({ name: 'orchestra-run', warnings: [] });
});

const run = (pipeline: string): Promise<Body> =>
  ok('run_pipeline', { workflow: 'orchestra-run', input: { pipeline, look_every_s: 6 }, wait_s: 0 });
const ended = (run_id: string): Promise<Body> => ok('get_workflow_run', { run_id, wait_s: 40 });
/** Waits until a run has parked with nothing but its next look ahead. */
const waits = (run_id: string) =>
  expect
    .poll(async () => (await ok('get_workflow_run', { run_id })).status, { timeout: 60_000, interval: 100 })
    .toBe('waiting');
const starts = () => simulator.seen.filter(({ method }) => method === 'POST');

test('a workflow starts a run and goes on once that has ended, and holds nothing meanwhile', async () => {
  const { run_id } = await run('every_half_hour');
  await waits(run_id);
  expect(starts()).toHaveLength(1);
  expect(starts()[0]?.body).toEqual({});
  clock.advance(60_000);
  const end = await ended(run_id);
  expect(end).toMatchObject({ status: 'succeeded', output: { status: 'SUCCEEDED', pipeline_name: 'Every half hour' } });
  expect(end.states.map(({ name }: Body) => name).slice(0, 4)).toEqual(['Start', 'IsStarted', 'Watch', 'HasEnded']);
  const { items } = await ok('list_audit_entries', { tool: 'trigger_pipeline' });
  expect(JSON.stringify(items)).toContain(`workflow run ${run_id}`);
});

test('it fails where the run does, and starts nothing again where nobody knows whether it began', async () => {
  const { run_id } = await run('two_roots');
  await waits(run_id);
  clock.advance(3_600_000);
  expect(await ended(run_id)).toMatchObject({ status: 'failed', error: { code: 'Orchestra.RunFailed' } });
  const before = starts().length;
  simulator.faults.add('reset-after', 1, 'POST');
  const unsure = await run('every_half_hour');
  expect(await ended(unsure.run_id)).toMatchObject({ status: 'failed', error: { code: 'Orchestra.Unsure' } });
  expect(starts()).toHaveLength(before + 1);
});

test('a workflow begins with the end of a run that is watched', async () => {
  const after = workflowDocument(
    'after-failure',
    { Note: { Type: 'Pass', End: true } },
    {
      triggers: [
        {
          event: { type: 'orchestra_run.updated', filter: "{% $states.input.data.status = 'FAILED' %}" },
          input: { run: '{% $states.input.data.pipeline_run_id %}' },
        },
      ],
    },
  );
  await ok('put_workflow', { definition: after });
  const { pipeline_run_id } = await ok('trigger_pipeline', { pipeline_id: 'two_roots' });
  await ok('watch_pipeline_run', { pipeline_run_id });
  clock.advance(3_600_000);
  const runs = async () => (await ok('list_workflow_runs', { workflow: 'after-failure' })).items;
  await expect.poll(async () => (await runs()).length, { timeout: 60_000, interval: 100 }).toBe(1);
  const [{ run_id }] = await runs();
  expect(await ended(run_id)).toMatchObject({ status: 'succeeded', output: { run: pipeline_run_id } });
});

test('without a pipeline it is refused', async () => {
  expect(await fails('run_pipeline', { workflow: 'orchestra-run', input: {} })).toMatchObject({
    code: 'INVALID_WORKFLOW_INPUT',
  });
});
