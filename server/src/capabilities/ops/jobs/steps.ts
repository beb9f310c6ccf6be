import type { StepRecord } from '../runner/record.ts';
import type { StepRow } from '../runs/store.ts';

/** The steps of a record as rows. The container's clock tells only differences: its first step began as it was dispatched. */
export function stepRows(runId: string, steps: readonly StepRecord[], dispatchedAt: Date): StepRow[] {
  const zero = steps.find((step) => step.began_at_uptime !== null)?.began_at_uptime ?? 0;
  return steps.map((step, n) => ({
    run_id: runId,
    n,
    command: step.command,
    exit_code: step.exit_code,
    stdout: step.stdout.text,
    stderr: step.stderr.text,
    stdout_bytes: step.stdout.bytes,
    stderr_bytes: step.stderr.bytes,
    stdout_cut: step.stdout.cut_bytes,
    stderr_cut: step.stderr.cut_bytes,
    duration_seconds: step.duration_seconds,
    began_at:
      step.began_at_uptime === null
        ? null
        : new Date(dispatchedAt.getTime() + Math.round((step.began_at_uptime - zero) * 1000)),
  }));
}
