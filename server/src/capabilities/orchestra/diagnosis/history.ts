import type { PipelineRun, TaskRun } from '../api/schemas.ts';
import type { OrchestraApi } from '../client/orchestra-api.ts';
import type { Page } from '../client/pages.ts';
import { longestWindowMs } from '../client/windows.ts';
import { runsEndpoint, tasksEndpoint } from './endpoints.ts';
import { taskFingerprint } from './fingerprint.ts';
import { firstPage, type Reading } from './reading.ts';

/** What went before a run of the same pipeline. */
export interface History {
  /** Beginning of what was looked through; its end is the run. */
  readonly from: number;
  /** Earlier runs, the newest first. */
  readonly runs: readonly PipelineRun[];
  /** Task runs of them that went wrong. */
  readonly failures: readonly TaskRun[];
  readonly lastSuccess: PipelineRun | undefined;
  /** Not all of what there was is in here. */
  readonly truncated: boolean;
}

/** The week before the run; where no success is in it, once more further back. Undefined where nothing can be asked. */
export async function readHistory(api: OrchestraApi, reading: Reading, run: PipelineRun): Promise<History | undefined> {
  const { pipelineId, createdAt } = run;
  if (pipelineId === null || createdAt === null) {
    reading.note({ what: 'History', why: 'The run does not say of which pipeline it is, or when it was made.' });
    return undefined;
  }
  const to = Date.parse(createdAt) + 1000;
  const week = { from: to - longestWindowMs, to, pipelineIds: [pipelineId] };
  const status = [run.runStatus === 'WARNING' ? 'WARNING' : 'FAILED'];
  const [runs, failures] = await Promise.all([
    reading.ask({ what: 'Earlier runs', endpoint: runsEndpoint }, () => firstPage(api.runs(week))),
    reading.ask({ what: 'Earlier failures', endpoint: tasksEndpoint }, () => firstPage(api.tasks({ ...week, status }))),
  ]);
  if (!runs) return undefined;
  const earlier = before(run, runs.items);
  const lastSuccess = earlier.find(({ runStatus }) => runStatus === 'SUCCEEDED') ?? (await furtherBack(runs));
  return {
    from: week.from,
    runs: earlier,
    failures: (failures?.items ?? []).filter((task) => task.pipelineRunId !== run.id),
    lastSuccess,
    truncated: !isWhole(runs) || (failures !== undefined && !isWhole(failures)),
  };

  async function furtherBack(read: Page<PipelineRun>): Promise<PipelineRun | undefined> {
    const range = isWhole(read) ? { from: week.from - longestWindowMs, to: week.from + 1000 } : {};
    const page = await reading.ask({ what: 'The last success', endpoint: runsEndpoint }, () =>
      firstPage(api.runs({ ...week, ...range, status: ['SUCCEEDED'] })),
    );
    const [found] = before(run, page?.items ?? []);
    if (page && !found) {
      const days = isWhole(read) ? 14 : 7;
      reading.note({
        what: 'The last success',
        endpoint: runsEndpoint,
        why: `None in the ${days} days before the run.`,
      });
    }
    return found;
  }
}

/** The runs before this one, the newest first, however they were listed. */
function before(run: PipelineRun, runs: readonly PipelineRun[]): PipelineRun[] {
  const time = (one: PipelineRun) => Date.parse(one.createdAt ?? '') || 0;
  return runs
    .filter((one) => one.id !== run.id && time(one) > 0 && time(one) <= time(run))
    .sort((a, b) => time(b) - time(a));
}

function isWhole({ items, total, unreadable }: Page<unknown>): boolean {
  return unreadable === 0 && total !== null && total <= items.length;
}

/** The failures in a row that this run ends, itself included. */
export function streakOf(run: PipelineRun, earlier: readonly PipelineRun[]) {
  const ended = earlier.filter(
    ({ runStatus }) => runStatus === 'SUCCEEDED' || runStatus === 'WARNING' || runStatus === 'FAILED',
  );
  const good = ended.findIndex(({ runStatus }) => runStatus !== 'FAILED' && runStatus !== run.runStatus);
  const failures = good < 0 ? ended : ended.slice(0, good);
  const first = failures.at(-1) ?? run;
  return { runs: failures.length + 1, first, beginsEarlier: good < 0 && ended.length > 0 };
}

/** Other runs with a failure of this fingerprint. */
export function seenBefore(fingerprint: string, failures: readonly TaskRun[]) {
  const same = failures.filter((task) => taskFingerprint(task) === fingerprint);
  const times = same.flatMap(({ createdAt }) => (createdAt === null ? [] : [createdAt])).sort();
  return {
    runs: new Set(same.map(({ pipelineRunId }) => pipelineRunId)).size,
    firstAt: times[0],
    lastAt: times.at(-1),
  };
}
