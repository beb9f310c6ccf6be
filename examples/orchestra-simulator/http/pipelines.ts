import { pipelineFace } from '../faces.ts';
import { isUuid } from '../ids.ts';
import type { State } from '../state.ts';
import { type Answer, detail, Invalid, json } from './answer.ts';
import type { Route, SimRequest } from './request.ts';

function find(state: State, text: string) {
  return [...state.pipelines].find(([id, { alias }]) => (isUuid(text) ? id === text.toLowerCase() : alias === text));
}

/** The fields of a start and what each may hold; the API allows no other, `cause` among them. */
const startFields: Readonly<Record<string, (value: unknown) => boolean>> = {
  versionNumber: Number.isInteger,
  branch: isText,
  commit: isText,
  taskIds: isTexts,
  continueDownstreamRun: isFlag,
  runInputs: isObject,
  data: Array.isArray,
  ciRunId: isText,
  environment: isText,
  environmentOverrides: isObject,
  retryFromFailed: isFlag,
};

function isText(value: unknown): boolean {
  return typeof value === 'string';
}
function isFlag(value: unknown): boolean {
  return typeof value === 'boolean';
}
function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}
function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checked(body: unknown): Record<string, unknown> {
  if (body === undefined || body === null) return {};
  if (!isObject(body))
    throw new Invalid({ loc: ['body'], msg: 'Input should be a valid dictionary', type: 'model_type', input: body });
  const complaints = Object.entries(body as Record<string, unknown>).flatMap(([name, value]) => {
    const fits = Object.hasOwn(startFields, name) ? startFields[name] : undefined;
    if (!fits)
      return [{ loc: ['body', name], msg: 'Extra inputs are not permitted', type: 'extra_forbidden', input: value }];
    return value === null || fits(value)
      ? []
      : [{ loc: ['body', name], msg: 'Input should be of another type', type: 'type_error', input: value }];
  });
  if (complaints.length > 0) throw new Invalid(...complaints);
  return body as Record<string, unknown>;
}

function start({ state, params, body }: SimRequest): Answer {
  const how = checked(body);
  const found = find(state, params.pipeline ?? '');
  if (!found) return detail(404, 'Pipeline not found');
  const [id, plan] = found;
  const taskIds = (how.taskIds ?? []) as readonly string[];
  const unknown = taskIds.find((task) => !plan.tasks.some((one) => one.id === task));
  if (unknown !== undefined) {
    throw new Invalid({
      loc: ['body', 'taskIds'],
      msg: 'Value error, unknown task id',
      type: 'value_error',
      input: unknown,
    });
  }
  const run = state.start(id, how);
  if (run === 'nothing-failed') return detail(400, 'There is no failed run to retry.');
  return json({ id: run.id, pipelineRunId: run.id, message: 'Pipeline run started' });
}

function onePipeline({ state, query }: SimRequest): Answer {
  const text = query.get('pipeline_id') ?? query.get('alias') ?? '';
  const found = find(state, text);
  return found ? json(pipelineFace(state, ...found)) : detail(404, 'Pipeline not found');
}

export const pipelineRoutes: readonly Route[] = [
  { method: 'POST', path: '/public/pipelines/{pipeline}/start', answer: start },
  {
    method: 'GET',
    path: '/public/pipelines',
    answer: ({ state }) => json([...state.pipelines].map(([id, plan]) => pipelineFace(state, id, plan))),
  },
  { method: 'GET', path: '/public/pipeline', answer: onePipeline },
];
