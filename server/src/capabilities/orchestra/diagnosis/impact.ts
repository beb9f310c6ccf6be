import type { Pipeline, PipelineRun, TaskRun } from '../api/schemas.ts';
import { named } from '../present/redact.ts';
import type { FailureOrder } from './failure-order.ts';

const short = ({ id, taskId, taskName, status }: TaskRun) => ({
  task_run_id: id,
  task_id: named(taskId),
  task_name: named(taskName),
  status: named(status),
});

/** What did not happen, or was stopped, and which other pipelines wait for this one. */
export function impactOf(
  run: PipelineRun,
  tasks: readonly TaskRun[],
  { downstream, unresolved }: FailureOrder,
  pipelines: readonly Pipeline[],
) {
  const skipped = tasks.filter(
    ({ id, status, dependsOn }) =>
      status === 'SKIPPED' && (downstream.has(id) || dependsOn.some((name) => unresolved.has(name))),
  );
  const withStatus = (...statuses: string[]) =>
    tasks.filter(({ status }) => statuses.includes(status ?? '')).map(short);
  return {
    skipped_downstream: skipped.map((task) => ({
      ...short(task),
      because_of: named(downstream.get(task.id)?.taskId ?? null),
    })),
    cancelled: withStatus('CANCELLED', 'CANCELLING'),
    not_started: withStatus('CREATED', 'QUEUED'),
    downstream_pipelines: [...started(run), ...waiting(run, pipelines)],
  };
}

/** Runs that this one started. */
function started({ childPipelineRuns }: PipelineRun) {
  return childPipelineRuns.map((child) => ({
    pipeline_id: child.pipelineId ?? undefined,
    pipeline_name: named(child.pipelineName),
    pipeline_run_id: child.pipelineRunId ?? undefined,
    by: 'child_run',
  }));
}

/** Pipelines whose triggers name this one. Of the form of a trigger is known no more than that it is JSON in a string. */
function waiting({ pipelineId }: PipelineRun, pipelines: readonly Pipeline[]) {
  if (pipelineId === null) return [];
  return pipelines
    .filter(({ id, triggerEvents }) => id !== pipelineId && triggerEvents?.toLowerCase().includes(pipelineId))
    .map(({ id, name, paused }) => ({
      pipeline_id: id,
      pipeline_name: named(name),
      by: 'trigger_event',
      paused: paused || undefined,
    }));
}

/** What a failed task waited for, and the others of its matrix. */
export function aroundTask(task: TaskRun, tasks: readonly TaskRun[], { before }: FailureOrder) {
  const siblings =
    task.matrixParentId === null
      ? []
      : tasks.filter((other) => other !== task && other.matrixParentId === task.matrixParentId);
  return { upstream: before(task).map(short), matrix_siblings: siblings.map(short) };
}
