import { operationStatuses, runStatuses, taskStatuses } from './schemas.ts';

type Json = Readonly<Record<string, unknown>>;

export interface Endpoint {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly words: string;
  readonly query?: Readonly<Record<string, Json>>;
  readonly requiredQuery?: readonly string[];
  readonly body?: Json;
  /** Status and schema of its answer; bytes where there is no schema. */
  readonly answer: { readonly status: 200 | 204; readonly schema?: Json };
  /** Not in any description that was seen, but told of. */
  readonly unverified?: true;
}

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const paged = (name: string) => ({
  type: 'object',
  required: ['page', 'pageSize', 'total', 'results'],
  additionalProperties: false,
  properties: {
    page: { type: 'integer' },
    pageSize: { type: 'integer' },
    total: { type: 'integer' },
    results: { type: 'array', items: ref(name) },
  },
});

const paging = (standard: number, maximum: number) => ({
  page: { type: 'integer', minimum: 1, default: 1 },
  page_size: { type: 'integer', minimum: 1, maximum, default: standard },
});
const window = {
  time_from: { type: 'string', format: 'date-time', description: 'Together with time_to; at most 7 days before it.' },
  time_to: { type: 'string', format: 'date-time', description: 'Together with time_from.' },
};
const ids = { type: 'string', description: 'UUIDs, separated by commas.' };
const several = (values: readonly string[]) => ({
  type: 'string',
  description: `Of ${values.join(', ')}; separated by commas.`,
});
const superseded = { type: 'boolean', default: false, description: 'In newer servers only: earlier attempts as well.' };
const file = { filename: { type: 'string' } };
const task = '/public/pipeline_runs/{pipeline_run_id}/task_runs/{task_run_id}';

/** The endpoints that are used. */
export const endpoints: readonly Endpoint[] = [
  {
    method: 'get',
    path: '/public/pipeline_runs',
    words: 'Runs of a window of at most 7 days, the last 7 where none is given.',
    query: {
      ...paging(50, 100),
      ...window,
      status: several(runStatuses),
      pipeline_ids: ids,
      pipeline_run_ids: ids,
      environments: ids,
    },
    answer: { status: 200, schema: paged('PipelineRun') },
  },
  {
    method: 'get',
    path: '/public/pipeline_runs/{pipeline_run_id}/status',
    words: 'One run, the whole of it.',
    answer: { status: 200, schema: ref('PipelineRun') },
  },
  {
    method: 'get',
    path: '/public/pipeline_runs/{pipeline_run_id}',
    words: 'One run, however long ago it was.',
    unverified: true,
    answer: { status: 200, schema: ref('PipelineRun') },
  },
  {
    method: 'post',
    path: '/public/pipeline_runs/{pipeline_run_id}/cancel',
    words: 'Cancels a run.',
    body: { type: 'object', properties: { force: { type: 'boolean', default: false } } },
    answer: { status: 204 },
  },
  {
    method: 'get',
    path: '/public/pipeline_runs/{pipeline_run_id}/task_runs',
    words: 'The task runs of a run.',
    query: { ...paging(10, 50), include_superseded: superseded },
    answer: { status: 200, schema: paged('TaskRun') },
  },
  {
    method: 'get',
    path: '/public/task_runs',
    words: 'Task runs of all runs in a window; there is no filter by run.',
    query: {
      ...paging(50, 100),
      ...window,
      status: several(taskStatuses),
      pipeline_ids: ids,
      task_run_ids: ids,
      integration: { type: 'string' },
      include_superseded: superseded,
    },
    answer: { status: 200, schema: paged('TaskRun') },
  },
  {
    method: 'get',
    path: '/public/operations',
    words: 'Operations, such as the models and tests of a dbt task.',
    query: {
      ...paging(50, 100),
      ...window,
      task_run_id: { type: 'string', format: 'uuid' },
      status: { type: 'string', enum: operationStatuses },
      operation_type: { type: 'string' },
      integration: { type: 'string' },
      external_id: { type: 'string' },
    },
    answer: { status: 200, schema: paged('Operation') },
  },
  {
    method: 'get',
    path: `${task}/artifacts`,
    words: 'Names of its artifacts.',
    answer: { status: 200, schema: ref('ArtifactList') },
  },
  {
    method: 'get',
    path: `${task}/artifacts/download`,
    words: 'One artifact.',
    query: file,
    requiredQuery: ['filename'],
    answer: { status: 200 },
  },
  { method: 'get', path: `${task}/logs`, words: 'Names of its logs.', answer: { status: 200, schema: ref('LogList') } },
  {
    method: 'get',
    path: `${task}/logs/download`,
    words: 'One log; a Range header asks for a part.',
    query: file,
    requiredQuery: ['filename'],
    answer: { status: 200 },
  },
  {
    method: 'get',
    path: '/public/pipelines',
    words: 'All pipelines, without paging.',
    answer: { status: 200, schema: { type: 'array', items: ref('Pipeline') } },
  },
  {
    method: 'get',
    path: '/public/pipeline',
    words: 'One pipeline, by id or alias.',
    query: { pipeline_id: { type: 'string', format: 'uuid' }, alias: { type: 'string' } },
    answer: { status: 200, schema: ref('Pipeline') },
  },
  {
    method: 'post',
    path: '/public/pipelines/{pipeline_id_or_alias}/start',
    words: 'Starts a run. There is no idempotency key.',
    body: ref('StartRequest'),
    answer: { status: 200, schema: ref('StartAnswer') },
  },
];
