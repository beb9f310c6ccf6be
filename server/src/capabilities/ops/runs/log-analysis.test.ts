import fc from 'fast-check';
import { expect, test } from 'vitest';
import { analyseLogs } from './log-analysis.ts';

const analyse = (stdout: string, stderr = '') => analyseLogs([{ stdout, stderr }]);

test('errors and warnings are counted over both streams of all steps, the first error is told', () => {
  const found = analyseLogs([
    { stdout: 'fine\nwarning: old\n', stderr: 'Foo is deprecated\n' },
    { stdout: '  ERROR: no such file\nall 3 tests failed: see above\n', stderr: 'fatal: not a repository\nerrors 0\n' },
  ]);
  expect(found).toEqual({
    error_count: 3,
    warning_count: 2,
    first_error: 'ERROR: no such file',
    error_lines: ['ERROR: no such file', 'all 3 tests failed: see above', 'fatal: not a repository'],
    stack_traces: [],
    untrusted: true,
  });
  expect(analyse('terror: x\nno error here\nprewarning: y')).toEqual({
    error_count: 0,
    warning_count: 0,
    error_lines: [],
    stack_traces: [],
    untrusted: true,
  });
});

test('stack traces of Python, JavaScript, Java and Go are found whole, apart from what stands around', () => {
  const python = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    f()\nValueError: bad';
  const script = 'TypeError: x is not a function\n    at f (/work/a.js:1:2)\n    at node:internal/main:3:4';
  const java = 'Exception in thread "main" java.lang.Error: bad\n\tat Main.main(Main.java:3)';
  const go = 'goroutine 1 [running]:';
  const { stack_traces } = analyse(`before\n${python}\nafter\n${script}\nafter\n\n${java}\n`, `x\n${go}\n\nafter`);
  expect(stack_traces).toEqual([python, script, java, go]);
});

test('whatever was printed, the answer is short', () => {
  const line = fc.constantFrom('error: x', '  at f', 'Traceback (most recent call last):', '', ' ', 'x'.repeat(500));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 300, size: 'max' }), (lines) => {
      const { error_lines, stack_traces } = analyse(lines.join('\n'), lines.join('\r\n'));
      expect([error_lines.length <= 20, stack_traces.length <= 5]).toEqual([true, true]);
      for (const text of [...error_lines, ...stack_traces.flatMap((trace) => trace.split('\n'))])
        expect(text.length).toBeLessThanOrEqual(200);
      for (const trace of stack_traces) expect(trace.split('\n').length).toBeLessThanOrEqual(41);
    }),
  );
});
