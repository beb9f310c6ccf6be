import { expect, test } from 'vitest';
import { type Category, categoryOf } from './categories.ts';

const said: readonly [Category, readonly string[]][] = [
  [
    'AUTH',
    ['403 Forbidden: token expired', 'Incorrect username or password was specified.', 'permission denied for table x'],
  ],
  ['RATE_LIMIT', ['HTTP 429 Too Many Requests', 'Rate limit exceeded, retry later']],
  ['RESOURCE_CONFLICT', ['deadlock detected', 'could not serialize access due to concurrent update']],
  ['TIMEOUT', ['Connection timed out after 30000 ms while reading from warehouse', 'context deadline exceeded']],
  [
    'NETWORK',
    ['ECONNRESET', 'could not connect to warehouse', 'ConnectionResetError: [Errno 104]', 'certificate verify failed'],
  ],
  [
    'TOOL_OR_INFRASTRUCTURE',
    ['Disk quota exceeded', 'exited with code 137', "ModuleNotFoundError: No module named 'pandas'"],
  ],
  [
    'DATA',
    [
      'Got 3 results, configured to warn if != 0',
      'duplicate key value violates unique constraint',
      'The vendor has no file for today',
    ],
  ],
  [
    'CONFIG',
    ['Pipeline failed to start: environment variable REGION is not defined.', 'missing required parameter "region"'],
  ],
  ['UPSTREAM', ['source orders is stale', 'Task skipped: an upstream task did not succeed.']],
  ['QUERY', ['relation "raw.b" does not exist', "invalid identifier 'X'", 'division by zero', 'SQL compilation error']],
  ['PLATFORM', ['HTTP 500 from the source', 'status code: 503', '502 Bad Gateway', 'Service temporarily unavailable']],
  ['CODE', ['KeyError: customer_id', 'SyntaxError: invalid syntax', 'java.lang.NullPointerException: x']],
];

test.each(said.flatMap(([category, texts]) => texts.map((text) => [category, text] as const)))(
  '%s: %s',
  (category, text) => {
    expect(categoryOf(text)).toBe(category);
  },
);

test.each([
  '',
  'Task failed.',
  'see the log',
  'loaded 403 rows',
  'at line 500',
  'the command exited with code 1',
  'Pipeline failed - a task is in failed state.',
  'step 4294 done',
])('nothing is known by %j', (text) => {
  expect(categoryOf(text)).toBeUndefined();
});
