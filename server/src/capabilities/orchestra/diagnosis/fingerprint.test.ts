import { expect, test } from 'vitest';
import { taskOf } from '../../../../test/support/task-runs.ts';
import { fingerprintOf, normalised, taskFingerprint } from './fingerprint.ts';

test.each([
  [
    'ids, times, numbers and quoted values',
    "Job 8e808ad7-70c7-4718-8b60-ee4c915c34de failed at 2025-10-15T20:41:19.895010+00:00 after 30000 ms on 'orders_1'",
    "Job 11111111-70c7-4718-8b60-ee4c915c34de failed at 2026-01-02 03:04:05 after 12 ms on 'orders_2'",
  ],
  ['hashes and clocks', '12:00:01 commit 9b25d2a78e5843ab9ca78941', '23:59:59.123 commit 0a25d2a78e5843ab9ca78942'],
  ['white space and case', 'Connection  reset\n by peer', 'connection reset by PEER'],
])('%s do not tell two failures apart', (_, one, other) => {
  expect(normalised(one)).toBe(normalised(other));
});

test('other words, and other tasks, do', () => {
  expect(normalised("can't read and won't write")).toBe("can't read and won't write");
  const message = 'Connection reset';
  const prints = [
    fingerprintOf({ taskId: 'a', message }),
    fingerprintOf({ taskId: 'b', message }),
    fingerprintOf({ taskId: 'a', message: 'Connection refused' }),
    fingerprintOf({ taskId: null, message }),
  ];
  expect(new Set(prints).size).toBe(4);
});

test('of a task what its platform said counts more than what Orchestra says', () => {
  const known = taskOf('a', { externalMessage: 'out of disk', message: 'Task failed.' });
  expect(taskFingerprint(known)).toBe(fingerprintOf({ taskId: 'a', message: 'out of disk' }));
  expect(taskFingerprint(taskOf('a', { externalMessage: '', message: 'Task failed.' }))).toBe(
    fingerprintOf({ taskId: 'a', message: 'Task failed.' }),
  );
});
