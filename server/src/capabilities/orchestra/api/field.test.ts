import { expect, test } from 'vitest';
import { maxText } from './field.ts';
import { logList, pipelineRun, taskRun } from './schemas.ts';

const id = '8E808AD7-70c7-4718-8b60-ee4c915c34de';

test('an id is all that must be there; what is missing, null or of another type is null', () => {
  const bare = pipelineRun.parse({ id });
  expect(bare).toMatchObject({
    id: id.toLowerCase(),
    runStatus: null,
    message: null,
    triggeredBy: [],
    createdAt: null,
  });
  const odd = {
    id,
    runStatus: 7,
    message: ['x'],
    triggeredBy: 'y',
    createdAt: 'yesterday',
    pipelineId: '../..',
    childPipelineRuns: [3, null, {}],
  };
  expect(pipelineRun.parse(odd)).toMatchObject({
    runStatus: null,
    message: null,
    triggeredBy: [],
    createdAt: null,
    pipelineId: null,
  });
  for (const value of [null, 7, 'x', [], {}, { id: '..' }, { id: null }])
    expect(pipelineRun.safeParse(value).success).toBe(false);
});

test('unknown values stand, unknown fields and the definition are left out, and texts are cut', () => {
  const run = pipelineRun.parse({
    id,
    runStatus: 'DREAMING',
    brandNew: 1,
    data: { secret: 'x' },
    message: 'y'.repeat(100_000),
  });
  expect(run.runStatus).toBe('DREAMING');
  expect(JSON.stringify(run)).not.toMatch(/brandNew|secret/);
  expect(run.message).toHaveLength(maxText + 1);
});

test('times without a zone are in UTC, half characters are mended, and odd items of lists are left out', () => {
  const task = taskRun.parse({
    id,
    createdAt: '2025-10-15T20:41:19.895010',
    message: 'a\ud800',
    dependsOn: ['a', 7, null, 'b'],
  });
  expect(task).toMatchObject({ createdAt: '2025-10-15T20:41:19.895010Z', message: 'a\ufffd', dependsOn: ['a', 'b'] });
  expect(logList.parse({ filenames: ['a'], files: { a: { attemptNumber: 2 }, b: 7 } })).toMatchObject({
    files: { a: { attemptNumber: 2 } },
  });
  expect(logList.parse({})).toEqual({ filenames: [], files: null });
});
