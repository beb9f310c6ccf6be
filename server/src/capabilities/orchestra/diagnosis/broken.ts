import type { Pipeline, PipelineRun, TaskRun } from '../api/schemas.ts';
import type { OrchestraApi } from '../client/orchestra-api.ts';
import { rangeOf, type TimeWindow } from '../client/windows.ts';
import { pipelinesEndpoint, tasksEndpoint } from './endpoints.ts';
import { failureOrder } from './failure-order.ts';
import { fingerprintOf, taskFingerprint } from './fingerprint.ts';
import { createReading, type Gap, upTo } from './reading.ts';
import { hasFailedIn } from './roots.ts';

/** A run that went wrong, by one of the tasks at the root of it; without one where none can be read. */
export interface Failure {
  readonly run: PipelineRun;
  readonly task: TaskRun | undefined;
}

/** The failures of one fingerprint, the newest first. */
export interface FailureGroup {
  readonly fingerprint: string;
  readonly failures: readonly [Failure, ...Failure[]];
  /** The newest run of each of its pipelines went well; undefined where that is not known. */
  readonly recovered: boolean | undefined;
}

export interface Broken {
  readonly window: TimeWindow;
  readonly runs: readonly PipelineRun[];
  readonly groups: readonly FailureGroup[];
  readonly gaps: readonly Gap[];
}

const statuses = ['FAILED', 'WARNING'];
const dayMs = 24 * 3600 * 1000;
const maxRuns = 1000;
const maxTasks = 2000;

/**
 * What went wrong in a span of time, the last day by default: the runs, and one sweep over the task runs of that time rather than a
 * request for each run. Throws where the runs cannot be read.
 */
export async function readBroken(api: OrchestraApi, window: Partial<TimeWindow>, now = Date.now()): Promise<Broken> {
  // Without an end it is now over there, whatever our clock says.
  const range = { from: (window.to ?? now) - dayMs, ...window };
  const reading = createReading();
  const [runs, tasks, pipelines] = await Promise.all([
    upTo(api.runs({ ...range, status: statuses }), maxRuns),
    reading.ask({ what: 'Failed tasks', endpoint: tasksEndpoint }, () =>
      upTo(api.tasks({ ...range, status: statuses }), maxTasks),
    ),
    reading.ask({ what: 'Newest runs of pipelines', endpoint: pipelinesEndpoint }, () => api.pipelines()),
  ]);
  if (!runs.whole || tasks?.whole === false) {
    reading.note({
      what: 'Some of what went wrong',
      why: 'There is more than is read at once, or it has no usable id.',
    });
  }
  const failures = failuresOf(runs.items, tasks?.items ?? []);
  const missing = failures.filter(({ task }) => task === undefined).length;
  if (missing > 0) {
    reading.note({
      what: 'Failed tasks',
      endpoint: tasksEndpoint,
      why: `Of ${missing} runs no failed task was found; they are grouped by what is said of the run.`,
    });
  }
  return {
    window: rangeOf(range, now),
    runs: runs.items,
    groups: grouped(failures, pipelines?.items),
    gaps: reading.gaps,
  };
}

/** Each run once for every root of it. */
function failuresOf(runs: readonly PipelineRun[], tasks: readonly TaskRun[]): Failure[] {
  const byRun = Map.groupBy(tasks, ({ pipelineRunId }) => pipelineRunId);
  return runs.flatMap((run): Failure[] => {
    const failed = hasFailedIn(run);
    const order = failureOrder((byRun.get(run.id) ?? []).filter(failed), failed);
    const roots = order.failed.filter(({ root }) => root);
    return roots.length === 0 ? [{ run, task: undefined }] : roots.map(({ task }) => ({ run, task }));
  });
}

/** The most frequent first; what only warned comes after what failed. */
function grouped(failures: readonly Failure[], pipelines: readonly Pipeline[] | undefined): FailureGroup[] {
  const latest = pipelines && new Map(pipelines.map(({ id, latestRunStatus }) => [id, latestRunStatus]));
  const groups = [...Map.groupBy(failures, keyOf)].flatMap(([fingerprint, members]): FailureGroup[] => {
    const [newest, ...others] = members.sort((a, b) => timeOf(b.run) - timeOf(a.run));
    if (!newest) return [];
    const states = members.map(({ run }) => latest?.get(run.pipelineId ?? ''));
    const known = states.every((status) => status !== undefined && status !== null);
    const recovered = known ? states.every((status) => status === 'SUCCEEDED') : undefined;
    return [{ fingerprint, failures: [newest, ...others], recovered }];
  });
  const failed = ({ failures: all }: FailureGroup) => (all.some(({ run }) => run.runStatus === 'FAILED') ? 1 : 0);
  return groups.sort(
    (a, b) =>
      failed(b) - failed(a) ||
      b.failures.length - a.failures.length ||
      timeOf(b.failures[0].run) - timeOf(a.failures[0].run),
  );
}

function keyOf({ run, task }: Failure): string {
  // Without a task the message is too general to say that two pipelines have the same failure.
  return task ? taskFingerprint(task) : fingerprintOf({ taskId: run.pipelineId, message: run.message });
}

function timeOf({ createdAt }: PipelineRun): number {
  return Date.parse(createdAt ?? '') || 0;
}
