import { logsOf, type TaskFace, taskFaces } from '../faces.ts';
import type { FilePlan } from '../model.ts';
import { type Answer, detail, json } from './answer.ts';
import { pathUuid, required } from './query.ts';
import type { Route, SimRequest } from './request.ts';
import { isAnswer, runOf } from './runs.ts';

type Kind = 'artifacts' | 'logs';

/** The files of the task run in the path, or the answer where there is none. */
function filesOf(request: SimRequest, kind: Kind): readonly FilePlan[] | Answer {
  const run = runOf(request);
  if (isAnswer(run)) return run;
  const id = pathUuid('task_run_id', request.params.task ?? '');
  const task = run.plan.withoutTasks ? undefined : taskFaces(request.state, run).find(({ face }) => face.id === id);
  if (!task) return detail(404, 'Task run not found');
  return kind === 'logs' ? logsOf(task) : artifactsOf(task);
}

const artifactsOf = ({ slot, ended }: TaskFace) => (ended ? (slot.outcome.artifacts ?? []) : []);
const isFiles = (value: readonly FilePlan[] | Answer): value is readonly FilePlan[] => Array.isArray(value);

function listFiles(request: SimRequest, kind: Kind): Answer {
  const files = filesOf(request, kind);
  if (!isFiles(files)) return files;
  const filenames = files.map(({ name }) => name);
  if (kind === 'artifacts') return json({ filenames });
  const attempts = filenames.map((name) => [
    name,
    { attemptNumber: Number.parseInt(name, 10) || 1, displayName: name },
  ]);
  return json({ filenames, files: Object.fromEntries(attempts) });
}

function download(request: SimRequest, kind: Kind): Answer {
  const files = filesOf(request, kind);
  if (!isFiles(files)) return files;
  const name = required(request.query, 'filename');
  const file = files.find((one) => one.name === name);
  if (!file) return detail(404, 'File not found');
  if (file.fault === 's3-500' || request.has('s3-500')) return detail(500, 'Failed to download log file from S3');
  const whole = typeof file.body === 'function' ? file.body() : Buffer.from(file.body);
  const status: Record<string, string> =
    kind === 'logs' ? { 'x-file-status': request.has('pending') ? 'PENDING' : (file.fileStatus ?? 'FINISHED') } : {};
  const headers = { 'content-type': 'application/octet-stream', ...status };
  const ignored = file.fault === 'no-range' || request.has('no-range');
  return partOf(whole, ignored ? undefined : request.headers.range, headers);
}

/** The part that a Range header asks for: 206, 416 beyond the end, and 200 with all of it where none is asked for. */
function partOf(whole: Uint8Array, range: string | undefined, headers: Record<string, string>): Answer {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (first === '' && last === '') return { status: 200, bytes: whole, headers };
  const from = first === '' ? Math.max(0, whole.length - Number(last)) : Number(first);
  const to = first === '' || last === '' ? whole.length - 1 : Math.min(Number(last), whole.length - 1);
  if (from >= whole.length || from > to) {
    return { status: 416, headers: { ...headers, 'content-range': `bytes */${whole.length}` } };
  }
  return {
    status: 206,
    bytes: whole.subarray(from, to + 1),
    headers: { ...headers, 'content-range': `bytes ${from}-${to}/${whole.length}` },
  };
}

export const fileRoutes: readonly Route[] = (['artifacts', 'logs'] as const).flatMap((kind): Route[] => {
  const path = `/public/pipeline_runs/{run}/task_runs/{task}/${kind}`;
  return [
    { method: 'GET', path, answer: (request) => listFiles(request, kind) },
    { method: 'GET', path: `${path}/download`, answer: (request) => download(request, kind) },
  ];
});
