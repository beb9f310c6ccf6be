import type { Db } from '../../../core/db/database.ts';
import type { Run } from '../contract.ts';
import { shownStatus } from './show.ts';
import { listTwins, type RunRow } from './store.ts';

/** A run that took so many times the median is slower than it should be; with fewer runs nobody can say. */
const slowerTimes = 3;
const enoughRuns = 3;

/** A run beside earlier ones of the same work, and what is unusual about it. */
export async function compareRun(db: Db, run: RunRow): Promise<Pick<Run, 'comparison' | 'anomalies'>> {
  const twins = await listTwins(db, run);
  const good = twins.filter((twin) => twin.state === 'succeeded');
  const durations = good.map(secondsOf).filter((seconds) => seconds !== undefined);
  const [median, seconds] = [medianOf(durations), secondsOf(run)];
  const previous = twins[0];
  const comparison = {
    runs: twins.length,
    succeeded: good.length,
    ...(median !== undefined && { duration_seconds_median: median }),
    ...(seconds !== undefined && { duration_seconds: seconds }),
    ...(previous && { previous_job_id: previous.name, previous_status: shownStatus(previous.state) }),
  };
  return { comparison, anomalies: anomaliesOf(run, good, twins, median, seconds) };
}

function anomaliesOf(
  run: RunRow,
  good: readonly RunRow[],
  twins: readonly RunRow[],
  median: number | undefined,
  seconds: number | undefined,
): { kind: string; message: string }[] {
  const found: { kind: string; message: string }[] = [];
  if (good.length >= enoughRuns && median !== undefined && seconds !== undefined && seconds > slowerTimes * median) {
    found.push({ kind: 'slower', message: `It took ${seconds} s, where ${median} s is the median of earlier runs.` });
  }
  if (run.state === 'failed' && twins.length > 0 && twins.slice(0, enoughRuns).every((twin) => good.includes(twin))) {
    found.push({ kind: 'new_failure', message: 'It failed, and the runs before it did not.' });
  }
  const [digest, before] = [run.environment.image_digest, good[0]?.environment.image_digest];
  if (digest !== undefined && before !== undefined && digest !== before) {
    found.push({ kind: 'image_changed', message: 'The image is another one than when it last succeeded.' });
  }
  return found;
}

function secondsOf({ started_at, finished_at }: RunRow): number | undefined {
  return started_at && finished_at ? (finished_at.getTime() - started_at.getTime()) / 1000 : undefined;
}

function medianOf(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
