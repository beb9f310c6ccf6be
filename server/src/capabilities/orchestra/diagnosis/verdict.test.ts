import { expect, test } from 'vitest';
import { runOf, taskOf } from '../../../../test/support/task-runs.ts';
import type { Evidence } from './evidence.ts';
import { tellingLine } from './excerpt.ts';
import { verdictOnRoots, verdictOnRun, verdictOnTask } from './verdict.ts';

const excerpt = (from: Evidence['from'], text: string): Evidence => ({
  from,
  endpoint: 'GET /x',
  text,
  line: tellingLine(text),
  cut: false,
});
const told = (task: Record<string, unknown>, evidence?: Evidence) => {
  const { category, confidence, evidence: rests } = verdictOnTask(taskOf('a', task), evidence);
  return [category, confidence, rests?.from];
};

test('what the platform reports in fields of its own counts more than a log, a log more than a general message', () => {
  const task = { externalMessage: 'deadlock detected', message: 'Task failed: 401 Unauthorized' };
  expect(told(task, excerpt('operations', 'division by zero'))).toEqual(['QUERY', 'high', 'operations']);
  expect(told(task, excerpt('log', 'division by zero'))).toEqual(['RESOURCE_CONFLICT', 'high', 'external_message']);
  const general = { ...task, externalMessage: 'the command exited with code 1' };
  expect(told(general, excerpt('log', 'division by zero'))).toEqual(['QUERY', 'medium', 'log']);
  expect(told(general)).toEqual(['AUTH', 'low', 'task_message']);
});

test('what stands around the telling line counts last, and less', () => {
  const log = excerpt('log', 'ERROR: it went wrong\nretries left: 0\nstep timeout: 300 s');
  expect(told({}, { ...log, line: 'ERROR: it went wrong' })).toEqual(['TIMEOUT', 'low', 'log']);
  const task = { message: 'Task failed: 401 Unauthorized' };
  expect(told(task, { ...log, line: 'ERROR: it went wrong' })).toEqual(['AUTH', 'low', 'task_message']);
});

test('of an HTTP task the status of the answer tells where nothing else does', () => {
  expect(told({ externalStatus: '403', externalMessage: 'no' })).toEqual(['AUTH', 'low', 'external_message']);
  expect(told({ externalStatus: 'FAILED' })).toEqual(['UNKNOWN', 'low', undefined]);
});

test('a run with several roots is as retryable as the least of them', () => {
  const on = (externalMessage: string) => verdictOnTask(taskOf('a', { externalMessage }), undefined);
  const [network, auth, nothing] = [on('ECONNRESET'), on('403 Forbidden'), on('no idea')];
  const of = (...[first, ...others]: (typeof network)[]) => verdictOnRoots([first ?? network, ...others], true);
  expect(of(network, network).retryable).toBe('yes');
  expect(of(network, nothing).retryable).toBe('unknown');
  expect(of(network, nothing, auth).retryable).toBe('no');
  expect(of(nothing, network)).toMatchObject({ category: 'NETWORK', confidence: 'medium' });
  expect(verdictOnRoots([network], false)).toMatchObject({ category: 'NETWORK', confidence: 'medium' });
});

test('a run without a failed task is told by its status and message', () => {
  const on = (runStatus: string, more = {}) => {
    const { category, retryable } = verdictOnRun(runOf({ runStatus, ...more }));
    return [category, retryable];
  };
  expect(on('SUCCEEDED')).toEqual(['NOT_FAILED', 'no']);
  expect(on('RUNNING')).toEqual(['NOT_FAILED', 'no']);
  expect(on('FAILED')).toEqual(['UNKNOWN', 'unknown']);
  expect(on('FAILED', { message: 'environment variable X is not defined' })).toEqual(['CONFIG', 'no']);
  expect(on('CANCELLED')).toEqual(['CANCELLED', 'unknown']);
  expect(on('SLEEPING')).toEqual(['NOT_FAILED', 'unknown']);
  expect(on('SLEEPING', { completedAt: '2026-01-01T00:00:00Z' })).toEqual(['UNKNOWN', 'unknown']);
});
