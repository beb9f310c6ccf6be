import { runFace, taskFaces } from '../faces.ts';
import { type Run, statusOf } from '../state.ts';
import { type Answer, detail, Invalid, json, noContent } from './answer.ts';
import { list, paged, pathUuid, statuses, timeWindow, uuids } from './query.ts';
import type { Route, SimRequest } from './request.ts';

const runStatuses = ['CREATED', 'RUNNING', 'SUCCEEDED', 'WARNING', 'FAILED', 'SKIPPED', 'CANCELLING', 'CANCELLED'];
const weekMs = 7 * 24 * 3600 * 1000;

/** The run in the path, or the answer where there is none. With the fault `old-gone` a run of last week is none either. */
export function runOf({ state, params, has }: SimRequest): Run | Answer {
  const run = state.run(pathUuid('pipeline_run_id', params.run ?? ''));
  const gone = run && has('old-gone') && run.createdAt < state.clock.now() - weekMs;
  return run && !gone ? run : detail(404, 'Pipeline run not found');
}

export const isAnswer = (value: Run | Answer): value is Answer => 'status' in value;

function listRuns({ state, query }: SimRequest): Answer {
  const now = state.clock.now();
  const { from, to } = timeWindow(query, now);
  const wanted = statuses(query, runStatuses);
  const pipelines = uuids(query, 'pipeline_ids');
  const ids = uuids(query, 'pipeline_run_ids');
  const environments = uuids(query, 'environments');
  const found = state
    .runs()
    .filter(
      (run) =>
        run.createdAt >= from &&
        run.createdAt <= Math.min(to, now) &&
        (wanted?.includes(statusOf(run, now)) ?? true) &&
        (pipelines?.includes(run.pipelineId) ?? true) &&
        (ids?.includes(run.id) ?? true),
    );
  const page = paged(found, query);
  const results = page.results.map((run) => runFace(state, run));
  return json({ ...page, results: results.filter(({ envId }) => environments?.includes(envId) ?? true) });
}

function tasksOfRun(request: SimRequest): Answer {
  const run = runOf(request);
  if (isAnswer(run)) return run;
  if (run.plan.withoutTasks) return detail(404, 'Not Found');
  const superseded = list(request.query, 'include_superseded')?.[0] === 'true';
  const tasks = taskFaces(request.state, run).filter((task) => superseded || !task.superseded);
  return json(
    paged(
      tasks.map(({ face }) => face),
      request.query,
      { standard: 10, max: 50 },
    ),
  );
}

function cancel(request: SimRequest): Answer {
  const { body } = request;
  if (
    body !== undefined &&
    body !== null &&
    (typeof body !== 'object' || ('force' in body && typeof body.force !== 'boolean'))
  ) {
    throw new Invalid({
      loc: ['body', 'force'],
      msg: 'Input should be a valid boolean',
      type: 'bool_type',
      input: body,
    });
  }
  const run = runOf(request);
  if (isAnswer(run)) return run;
  request.state.cancel(run);
  return noContent;
}

const oneRun = (request: SimRequest): Answer => {
  const run = runOf(request);
  return isAnswer(run) ? run : json(runFace(request.state, run));
};

export const runRoutes: readonly Route[] = [
  { method: 'GET', path: '/public/pipeline_runs', answer: listRuns },
  { method: 'GET', path: '/public/pipeline_runs/{run}/status', answer: oneRun },
  // In no description that was seen; a newer release has it, it seems. The fault takes it away.
  {
    method: 'GET',
    path: '/public/pipeline_runs/{run}',
    answer: (request) => (request.has('no-by-id') ? detail(404, 'Not Found') : oneRun(request)),
  },
  { method: 'GET', path: '/public/pipeline_runs/{run}/task_runs', answer: tasksOfRun },
  { method: 'POST', path: '/public/pipeline_runs/{run}/cancel', answer: cancel },
];
