import type { Run } from '../contract.ts';
import type { StepRow } from './store.ts';

const isError = /\b(?:error|exception|fatal|panic|failed)\b ?:|\btraceback\b/i;
const isWarning = /\bwarn(?:ing)?\b ?:|\bdeprecated\b/i;
/** Of Python, Go, and of JavaScript and Java, whose first line is the message before the places. */
const beginsTrace = /^Traceback \(most recent call last\)|^goroutine \d+ \[/;
const isPlace = /^\s+at \S/;

const maxLines = 20;
const maxTraces = 5;
const maxTraceLines = 40;
const maxChars = 200;

/** What the output of steps says of errors and warnings, as far as it was kept: for a reader who decides where to look. */
export function analyseLogs(steps: readonly Pick<StepRow, 'stdout' | 'stderr'>[]): NonNullable<Run['log_analysis']> {
  const lines = steps.flatMap(({ stdout, stderr }) => [...linesOf(stdout), '', ...linesOf(stderr), '']);
  const errors = lines.filter((line) => isError.test(line));
  const warnings = lines.filter((line) => !isError.test(line) && isWarning.test(line));
  const [first] = errors;
  return {
    error_count: errors.length,
    warning_count: warnings.length,
    ...(first !== undefined && { first_error: first.trim() }),
    error_lines: errors.slice(0, maxLines).map((line) => line.trim()),
    stack_traces: tracesIn(lines),
    untrusted: true,
  };
}

function linesOf(text: string): string[] {
  return text.split('\n').map((line) => line.trimEnd().slice(0, maxChars));
}

/** Each with its first line, the indented ones after it, and for Python the one that tells the error. */
function tracesIn(lines: readonly string[]): string[] {
  const traces: string[][] = [];
  let open: string[] | undefined;
  for (const [at, line] of lines.entries()) {
    if (open && /^\s+\S/.test(line)) {
      if (open.length < maxTraceLines) open.push(line);
      continue;
    }
    if (open && line !== '' && open[0]?.startsWith('Traceback')) open.push(line);
    open = undefined;
    if (line === '' || !(beginsTrace.test(line) || isPlace.test(lines[at + 1] ?? ''))) continue;
    open = [line];
    traces.push(open);
  }
  return traces.slice(0, maxTraces).map((trace) => trace.join('\n'));
}
