import { type Pipeline, type PipelineRun, runStatuses, type TaskRun, taskStatuses } from '../api/schemas.ts';
import { isId } from '../client/ids.ts';
import type { OrchestraApi } from '../client/orchestra-api.ts';
import type { TimeWindow } from '../client/windows.ts';
import { composed } from './compose.ts';
import { pipelinesEndpoint } from './endpoints.ts';
import { failureOrder } from './failure-order.ts';
import { readHistory } from './history.ts';
import { createReading, type Reading } from './reading.ts';
import type { Report } from './report.ts';
import { hasFailedIn, readRoots } from './roots.ts';
import { subjectOf } from './subject.ts';
import { readTasks, sweepTasks } from './tasks.ts';

export interface Question {
  /** What names the run or the pipeline. */
  readonly subject: string;
  readonly window: Partial<TimeWindow>;
  /** Whether the operator allows retries. */
  readonly writes: boolean;
}

/**
 * Finds out why a run failed, in at most 18 requests where its tasks fit on one page: what can be asked at the same time is. Throws what
 * `subjectOf` does, for without the run there is nothing to tell; all else that cannot be read is a gap of the report.
 */
export async function diagnose(api: OrchestraApi, { subject, window, writes }: Question): Promise<Report> {
  const { run, tasks, reading } = await readRun(api, subject, window);
  const failed = hasFailedIn(run);
  const order = failureOrder(tasks ?? [], failed);
  const [roots, history, pipelines] = await Promise.all([
    readRoots(api, reading, run, order),
    readHistory(api, reading, run),
    reading.ask({ what: 'Pipelines that wait for this one', endpoint: pipelinesEndpoint }, () =>
      readPipelines(api, reading),
    ),
  ]);
  noteOddities(reading, run, tasks, order);
  return composed({ run, tasks, order, roots, history, pipelines, gaps: reading.gaps, writes }, api.site);
}

/** The run with its tasks; by a whole id both are asked for at once. */
async function readRun(api: OrchestraApi, subject: string, window: Partial<TimeWindow>) {
  const id = isId(subject.trim()) ? subject.trim().toLowerCase() : undefined;
  const early = createReading();
  const [run, found] = await Promise.all([
    subjectOf(api, subject, window),
    id === undefined ? undefined : readTasks(api, early, id),
  ]);
  // It may have been the id of a pipeline, which has no tasks of its own.
  const reading = run.id === id ? early : createReading();
  const tasks = run.id === id ? found : await readTasks(api, reading, run.id);
  return { run, tasks: tasks ?? (await sweepTasks(api, reading, run)), reading };
}

async function readPipelines(api: OrchestraApi, reading: Reading): Promise<readonly Pipeline[]> {
  const { items, unreadable } = await api.pipelines();
  if (unreadable > 0) {
    reading.note({ what: 'Pipelines', endpoint: pipelinesEndpoint, why: `${unreadable} of them have no usable id.` });
  }
  return items;
}

/** What the report rests on but cannot be sure of. */
function noteOddities(
  { note }: Reading,
  run: PipelineRun,
  tasks: readonly TaskRun[] | undefined,
  { failed, unresolved }: ReturnType<typeof failureOrder>,
): void {
  const statuses = [run.runStatus, ...(tasks ?? []).map(({ status }) => status)];
  const known = new Set<string | null>([...runStatuses, ...taskStatuses]);
  if (statuses.some((status) => !known.has(status))) {
    note({
      what: 'Status',
      why: 'A status is missing or one that this version does not know; it counts as no failure.',
    });
  }
  if (unresolved.size > 0) {
    note({
      what: 'Order of tasks',
      why: 'Some tasks wait for a group of tasks; which tasks are in it is not told, so that the order may be wrong there.',
    });
  }
  if (run.runStatus === 'FAILED' && tasks !== undefined && failed.length === 0) {
    note({ what: 'Failed task', why: 'The run failed, but none of its tasks did: see the message of the run.' });
  }
}
