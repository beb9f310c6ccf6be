import { expect, test } from 'vitest';
import { operation, pipeline, pipelineRun, taskRun } from '../api/schemas.ts';
import { operationSchema, showOperation } from './operation.ts';
import { pipelineSchema, showPipeline } from './pipeline.ts';
import { hasEnded, runSchema, showRun } from './run.ts';
import { showParameters, showTask, taskSchema } from './task.ts';

const id = '8e808ad7-70c7-4718-8b60-ee4c915c34de';
const site = 'https://app.getorchestra.io';

test('all that is said is shown in our names, times in UTC, durations computed', () => {
  const run = pipelineRun.parse({
    id,
    pipelineId: id,
    pipelineName: 'Sales',
    envName: 'Production',
    runStatus: 'FAILED',
    message: 'no',
    createdAt: '2025-10-15T22:41:19.895010+02:00',
    startedAt: '2025-10-15T20:41:20.270764+00:00',
    completedAt: '2025-10-15T20:50:12.898968',
    triggeredBy: [{ triggerType: 'SCHEDULED', scheduleName: 'nightly' }],
    childPipelineRuns: [{ pipelineId: id, pipelineRunId: id, pipelineName: 'Child' }],
    gitLink: 'javascript:alert(1)',
    data: { secret: 'x' },
  });
  expect(JSON.parse(JSON.stringify(showRun(run, site)))).toEqual({
    pipeline_run_id: id,
    pipeline_id: id,
    pipeline_name: 'Sales',
    status: 'FAILED',
    message: { untrusted: true, source: 'orchestra', text: 'no' },
    environment: 'Production',
    created_at: '2025-10-15T20:41:19.895Z',
    started_at: '2025-10-15T20:41:20.270Z',
    completed_at: '2025-10-15T20:50:12.898Z',
    duration_seconds: 532.628,
    triggered_by: [{ type: 'SCHEDULED', name: 'nightly' }],
    child_runs: [{ pipeline_id: id, pipeline_run_id: id, pipeline_name: 'Child' }],
    url: `${site}/pipeline-runs/${id}/lineage`,
  });
});

test('of an id alone everything is shown that can be', () => {
  const bare = { id };
  expect(runSchema.parse(showRun(pipelineRun.parse(bare), site))).toMatchObject({ triggered_by: [] });
  expect(taskSchema.parse(showTask(taskRun.parse(bare), site))).toMatchObject({ task_run_id: id, depends_on: [] });
  expect(showParameters(taskRun.parse(bare))).toEqual({});
  expect(operationSchema.parse(showOperation(operation.parse(bare)))).toMatchObject({ operation_id: id });
  expect(pipelineSchema.parse(showPipeline(pipeline.parse(bare), site))).toMatchObject({ pipeline_id: id });
});

test('JSON in strings is shown as what it holds, and nothing where it holds nothing or is none', () => {
  const odd = { id, schedule: '[{"cron": "0 4 * * *"}]', sensors: '[]', triggerEvents: '{' };
  const shown = showPipeline(pipeline.parse(odd), site);
  expect(shown.schedule).toEqual([{ cron: '0 4 * * *' }]);
  expect([shown.sensors, shown.trigger_events]).toEqual([undefined, undefined]);
});

test('a run has ended by its status, one in a status that is new by its time of end', () => {
  const ended = (runStatus: string | null, completedAt: string | null = null) => hasEnded({ runStatus, completedAt });
  for (const status of ['SUCCEEDED', 'WARNING', 'FAILED', 'SKIPPED', 'CANCELLED']) expect(ended(status)).toBe(true);
  for (const status of ['CREATED', 'RUNNING', 'CANCELLING']) expect(ended(status, '2025-01-01T00:00:00Z')).toBe(false);
  expect([ended('DREAMING'), ended('DREAMING', '2025-01-01T00:00:00Z'), ended(null)]).toEqual([false, true, false]);
});
