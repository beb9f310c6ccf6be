import { expect, test } from 'vitest';
import { newestLog } from './newest-log.ts';

const log = (name: string, attempt: number | null = null) => ({ name, attempt });

test('the last command of the newest attempt, told or by its name, counts; one for debugging only where it is alone', () => {
  expect(newestLog([])).toBeUndefined();
  expect(newestLog([log('x'), log('y')])?.name).toBe('y');
  expect(newestLog([log('2/deps', 2), log('2/build', 2), log('1/build', 1)])?.name).toBe('2/build');
  expect(newestLog([log('10/build'), log('9/build'), log('10/debug_task')])?.name).toBe('10/build');
  expect(newestLog([log('1/build'), log('2/debug_task')])?.name).toBe('2/debug_task');
});
