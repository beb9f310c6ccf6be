import { operationFaces, type TaskFace, taskFaces } from '../faces.ts';
import type { Run, State } from '../state.ts';
import { json } from './answer.ts';
import { list, paged, statuses, timeWindow, uuids } from './query.ts';
import type { Route, SimRequest } from './request.ts';

const taskStatuses = [
  'CREATED',
  'SKIPPED',
  'QUEUED',
  'RUNNING',
  'SUCCEEDED',
  'WARNING',
  'FAILED',
  'CANCELLING',
  'CANCELLED',
];
const operationStatuses = ['CANCELLED', 'FAILED', 'REUSED', 'SKIPPED', 'SUCCEEDED', 'UNKNOWN', 'WARNING'];

const within = (state: State, query: URLSearchParams): Run[] => {
  const now = state.clock.now();
  const { from, to } = timeWindow(query, now);
  return state.runs().filter(({ createdAt }) => createdAt >= from && createdAt <= Math.min(to, now));
};

/** The task runs of all runs in the window. It knows no filter by run. */
function listTasks({ state, query }: SimRequest) {
  const wanted = statuses(query, taskStatuses);
  const pipelines = uuids(query, 'pipeline_ids');
  const ids = uuids(query, 'task_run_ids');
  const integration = query.get('integration');
  const superseded = list(query, 'include_superseded')?.[0] === 'true';
  const found = within(state, query)
    .filter((run) => !run.plan.withoutTasks && (pipelines?.includes(run.pipelineId) ?? true))
    .flatMap((run) => taskFaces(state, run))
    .filter(
      ({ face, superseded: old }) =>
        (superseded || !old) &&
        (wanted?.includes(face.status) ?? true) &&
        (ids?.includes(face.id) ?? true) &&
        (integration === null || face.integration === integration),
    );
  return json(
    paged(
      found.map(({ face }) => face),
      query,
    ),
  );
}

/** Operations are found by when they were written down, so the window is about their insertion. */
function listOperations({ state, query }: SimRequest) {
  const now = state.clock.now();
  const { from, to } = timeWindow(query, now);
  const [wanted] = statuses(query, operationStatuses) ?? [];
  const [task] = uuids(query, 'task_run_id') ?? [];
  const filters = ['operation_type', 'integration', 'external_id'].map((name) => query.get(name));
  const found = state
    .runs()
    .filter((run) => !run.plan.withoutTasks)
    .flatMap((run) => ofRun(state, run, task))
    .filter((operation) => {
      const at = Date.parse(operation.insertedAt);
      const facts = [operation.operationType, operation.integration, operation.externalId];
      return (
        at >= from &&
        at <= to &&
        (wanted === undefined || operation.operationStatus === wanted) &&
        filters.every((filter, index) => filter === null || filter === facts[index])
      );
    });
  return json(paged(found, query));
}

function ofRun(state: State, run: Run, task: string | undefined) {
  return taskFaces(state, run)
    .filter((one: TaskFace) => task === undefined || one.face.id === task)
    .flatMap((one) => operationFaces(run, one));
}

export const taskRoutes: readonly Route[] = [
  { method: 'GET', path: '/public/task_runs', answer: listTasks },
  { method: 'GET', path: '/public/operations', answer: listOperations },
];
