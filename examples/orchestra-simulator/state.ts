import { randomUUID } from 'node:crypto';
import { type Clock, createClock } from './clock.ts';
import { account } from './data/account.ts';
import { uuidOf } from './ids.ts';
import type { Outcome, PipelinePlan, RunPlan } from './model.ts';
import { progressOf, runStatus, type Slot, schedule } from './schedule.ts';

/** Between creation and start, as in the one run that is known. */
const startTakesMs = 376;

export interface Run {
  readonly id: string;
  readonly pipelineId: string;
  readonly pipeline: PipelinePlan;
  readonly plan: RunPlan;
  readonly createdAt: number;
  readonly startsAt: number;
  readonly slots: readonly Slot[];
  readonly started: StartedBy;
  cancelledAt: number | undefined;
}

/** How a run came to be, as far as the simulator minds. */
export interface StartedBy {
  readonly branch?: string | null;
  readonly commit?: string | null;
  readonly retryFromFailed?: boolean;
  readonly continueDownstreamRun?: boolean;
  readonly taskIds?: readonly string[];
}

export interface State {
  readonly clock: Clock;
  readonly pipelines: ReadonlyMap<string, PipelinePlan>;
  /** The newest first. */
  runs(): readonly Run[];
  run(id: string): Run | undefined;
  start(pipelineId: string, how: StartedBy): Run | 'nothing-failed';
  cancel(run: Run): void;
}

/** The simulated account: its history laid out relative to the clock, and what callers do to it since. */
export function createState(clock: Clock = createClock()): State {
  const pipelines = new Map(account.map((plan) => [plan.id ?? uuidOf(`pipeline/${plan.alias}`), plan]));
  const runs: Run[] = [...pipelines].flatMap(([id, pipeline]) =>
    pipeline.runs.map((plan, at) => past(id, pipeline, plan, at)),
  );
  const begin = clock.now();
  sort();

  return {
    clock,
    pipelines,
    runs: () => runs,
    run: (id) => runs.find((run) => run.id === id.toLowerCase()),
    start(pipelineId, how) {
      const pipeline = pipelines.get(pipelineId);
      if (!pipeline) throw new Error('no such pipeline');
      const left = leftOut(pipeline, pipelineId, how);
      if (left === undefined) return 'nothing-failed';
      const run = add(pipelineId, pipeline, { id: randomUUID(), at: 0 }, clock.now(), how, left, pipeline.next);
      runs.unshift(run);
      sort();
      return run;
    },
    cancel(run) {
      run.cancelledAt ??= clock.now();
    },
  };

  function past(id: string, pipeline: PipelinePlan, plan: RunPlan, at: number): Run {
    const createdAt = typeof plan.at === 'string' ? Date.parse(plan.at) : clock.now() - plan.at * 1000;
    return add(
      id,
      pipeline,
      { ...plan, id: plan.id ?? uuidOf(`run/${pipeline.alias}/${at}`) },
      createdAt,
      {},
      new Set(),
      plan.outcomes,
    );
  }

  function add(
    pipelineId: string,
    pipeline: PipelinePlan,
    plan: RunPlan & { id: string },
    createdAt: number,
    started: StartedBy,
    left: ReadonlySet<string>,
    outcomes: Readonly<Record<string, Outcome>> = {},
  ): Run {
    const startsAt = createdAt + startTakesMs;
    const slots = plan.neverBegan ? [] : schedule(pipeline.tasks, outcomes, startsAt, left);
    const cancelledAt = plan.cancelledAfterS === undefined ? undefined : createdAt + plan.cancelledAfterS * 1000;
    return { id: plan.id, pipelineId, pipeline, plan, createdAt, startsAt, slots, started, cancelledAt };
  }

  function sort(): void {
    runs.sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
  }

  /** The tasks that a start leaves out; undefined where a retry finds no failed run. */
  function leftOut(pipeline: PipelinePlan, pipelineId: string, how: StartedBy): Set<string> | undefined {
    const chosen = new Set(how.taskIds ?? []);
    if (how.retryFromFailed) {
      const failed = runs.find(
        (run) =>
          run.pipelineId === pipelineId &&
          run.createdAt <= Math.max(begin, clock.now()) &&
          statusOf(run, clock.now()) === 'FAILED',
      );
      if (!failed) return undefined;
      for (const { task, status } of failed.slots) if (status === 'FAILED') chosen.add(task.id);
    } else if (chosen.size === 0) return new Set();
    // Without continueDownstreamRun what comes after the chosen tasks stays skipped.
    if (how.continueDownstreamRun) addDownstream(pipeline, chosen);
    return new Set(pipeline.tasks.map(({ id }) => id).filter((id) => !chosen.has(id)));
  }
}

function addDownstream(pipeline: PipelinePlan, chosen: Set<string>): void {
  for (const task of pipeline.tasks) {
    const groups = new Set(pipeline.tasks.filter(({ id }) => chosen.has(id)).map(({ group }) => group));
    if (task.dependsOn?.some((id) => chosen.has(id) || groups.has(id))) chosen.add(task.id);
  }
}

/** The status of a run at a time. */
export function statusOf(run: Run, now: number): string {
  if (typeof run.plan.exact?.runStatus === 'string') return run.plan.exact.runStatus;
  if (now < run.startsAt) return run.cancelledAt === undefined ? 'CREATED' : 'CANCELLED';
  return runStatus(run.slots.map((slot) => progressOf(slot, now, run.cancelledAt).status));
}
