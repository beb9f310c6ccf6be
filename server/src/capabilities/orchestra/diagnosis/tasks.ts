import type { PipelineRun, TaskRun } from '../api/schemas.ts';
import type { OrchestraApi } from '../client/orchestra-api.ts';
import { longestWindowMs } from '../client/windows.ts';
import { tasksEndpoint, tasksOfRunEndpoint } from './endpoints.ts';
import { type Asked, type Reading, upTo } from './reading.ts';

const maxTasks = 1000;

/** The task runs of a run; undefined where they cannot be read this way. */
export async function readTasks(api: OrchestraApi, reading: Reading, runId: string): Promise<TaskRun[] | undefined> {
  const asked = { what: 'Tasks of the run', endpoint: tasksOfRunEndpoint };
  const read = await reading.ask(asked, () => upTo(api.tasksOfRun(runId), maxTasks));
  return read && taken(read, reading, asked);
}

/** The same from the list of all task runs of that time, which some accounts have although the other way is closed to them. */
export async function sweepTasks(
  api: OrchestraApi,
  reading: Reading,
  { id, pipelineId, createdAt }: PipelineRun,
): Promise<TaskRun[] | undefined> {
  if (createdAt === null) return undefined;
  const from = Date.parse(createdAt);
  const filter = { from, to: from + longestWindowMs, ...(pipelineId !== null && { pipelineIds: [pipelineId] }) };
  const asked = { what: 'Tasks of the run, among all of that time', endpoint: tasksEndpoint };
  const read = await reading.ask(asked, () => upTo(api.tasks(filter), maxTasks));
  const own = read?.items.filter((task) => task.pipelineRunId === id) ?? [];
  return read && own.length > 0 ? taken({ ...read, items: own }, reading, asked) : undefined;
}

function taken(
  { items, whole }: { readonly items: readonly TaskRun[]; readonly whole: boolean },
  reading: Reading,
  asked: Asked,
): TaskRun[] {
  if (!whole) reading.note({ ...asked, why: `Some are left out: more than ${maxTasks}, or without a usable id.` });
  return newestAttempts(items);
}

/** Without attempts that a later one took the place of, should the other side list those as well. */
export function newestAttempts(tasks: readonly TaskRun[]): TaskRun[] {
  const newest = new Map<string, number>();
  for (const { taskId, attemptNumber, matrixParentId } of tasks) {
    if (taskId === null || attemptNumber === null || matrixParentId !== null) continue;
    newest.set(taskId, Math.max(newest.get(taskId) ?? attemptNumber, attemptNumber));
  }
  return tasks.filter(
    ({ taskId, attemptNumber, matrixParentId }) =>
      // The children of a matrix may share the id of their task, so that a lower number is no earlier attempt.
      matrixParentId !== null ||
      attemptNumber === null ||
      attemptNumber === (newest.get(taskId ?? '') ?? attemptNumber),
  );
}
