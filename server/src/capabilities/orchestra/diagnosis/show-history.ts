import type { Pipeline, PipelineRun, TaskRun } from '../api/schemas.ts';
import { shownTime } from '../present/fields.ts';
import { named } from '../present/redact.ts';
import { runsEndpoint } from './endpoints.ts';
import { fingerprintOf, taskFingerprint } from './fingerprint.ts';
import { type History, seenBefore, streakOf } from './history.ts';

/** What went before, as it is told. `root` is the task that the verdict is about. */
export function showHistory(
  run: PipelineRun,
  root: TaskRun | undefined,
  history: History | undefined,
  pipeline: Pipeline | undefined,
) {
  const fingerprint = root ? taskFingerprint(root) : fingerprintOf({ taskId: null, message: run.message });
  return {
    source: runsEndpoint,
    truncated: history?.truncated ?? false,
    latest_run: latestRun(run, pipeline),
    fingerprint,
    ...(history && { ...past(run, history), same_failure: sameFailure(fingerprint, root, run, history) }),
  };
}

function past(run: PipelineRun, { from, runs, lastSuccess }: History) {
  const count = (status: string) => runs.filter(({ runStatus }) => runStatus === status).length;
  const [succeeded, warning, failed] = [count('SUCCEEDED'), count('WARNING'), count('FAILED')];
  const bad = run.runStatus === 'FAILED' || run.runStatus === 'WARNING';
  const streak = bad ? streakOf(run, runs) : undefined;
  return {
    from: new Date(from).toISOString(),
    to: shownTime(run.createdAt),
    counts: { succeeded, warning, failed, other: runs.length - succeeded - warning - failed },
    last_success: lastSuccess && {
      pipeline_run_id: lastSuccess.id,
      created_at: shownTime(lastSuccess.createdAt),
      commit: named(lastSuccess.commit),
      branch: named(lastSuccess.branch),
    },
    streak: streak && {
      runs: streak.runs,
      first_run_id: streak.first.id,
      since: shownTime(streak.first.createdAt),
      begins_earlier: streak.beginsEarlier,
    },
  };
}

/** Earlier runs of the same failure: of the same task, or of runs that failed without one. */
function sameFailure(fingerprint: string, root: TaskRun | undefined, run: PipelineRun, { runs, failures }: History) {
  if (root) {
    const { runs: count, firstAt, lastAt } = seenBefore(fingerprint, failures);
    return { runs: count, first_at: shownTime(firstAt ?? null), last_at: shownTime(lastAt ?? null) };
  }
  const same = runs.filter(
    ({ runStatus, message }) => runStatus === run.runStatus && fingerprintOf({ taskId: null, message }) === fingerprint,
  );
  return {
    runs: same.length,
    first_at: shownTime(same.at(-1)?.createdAt ?? null),
    last_at: shownTime(same[0]?.createdAt ?? null),
  };
}

function latestRun(run: PipelineRun, pipeline: Pipeline | undefined) {
  if (!pipeline?.latestRunId) return undefined;
  return {
    pipeline_run_id: pipeline.latestRunId,
    status: named(pipeline.latestRunStatus),
    created_at: shownTime(pipeline.latestRunCreatedAt),
    is_this: pipeline.latestRunId === run.id,
  };
}
