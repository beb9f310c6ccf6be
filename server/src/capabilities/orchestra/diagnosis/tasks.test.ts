import { expect, test } from 'vitest';
import { uuidOf } from '../../../../../examples/orchestra-simulator/ids.ts';
import { taskOf } from '../../../../test/support/task-runs.ts';
import { newestAttempts } from './tasks.ts';

const attempt = (taskId: string, attemptNumber: number | null, more = {}) =>
  taskOf(taskId, { id: uuidOf(`${taskId} ${attemptNumber} ${JSON.stringify(more)}`), attemptNumber, ...more });

test('an attempt that a later one took the place of is left out', () => {
  const tasks = [attempt('a', 1), attempt('a', 2), attempt('b', 1), attempt('c', null)];
  expect(newestAttempts(tasks)).toEqual(tasks.slice(1));
});

test('the children of a matrix all stay, for they may share the id of their task', () => {
  const child = { matrixParentId: uuidOf('parent') };
  const tasks = [attempt('a', 1, child), attempt('a', 2, child), attempt('a', 1, { ...child, taskName: 'other' })];
  expect(newestAttempts(tasks)).toEqual(tasks);
});
