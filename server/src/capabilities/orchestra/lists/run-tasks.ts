import type { PipelineRun, TaskRun } from '../api/schemas.ts';
import type { OrchestraApi } from '../client/orchestra-api.ts';
import type { Page } from '../client/pages.ts';
import { OrchestraError } from '../errors.ts';
import type { ShownGap } from '../present/gap.ts';

export interface RunTasks {
  readonly tasks: readonly TaskRun[];
  readonly gaps: readonly ShownGap[];
}

const hourMs = 3_600_000;

/**
 * All task runs of a run. Where the API does not have them below the run, they are looked for among those of all runs of its
 * pipeline around its time; what cannot be read then is a gap. Throws what is no matter of this run, such as a refused key.
 */
export async function tasksOfRun(api: OrchestraApi, run: PipelineRun, superseded = false): Promise<RunTasks> {
  try {
    return await collect(api.tasksOfRun(run.id, superseded));
  } catch (error) {
    if (!isMissing(error)) throw error;
    const gap = { what: 'tasks', endpoint: 'GET …/pipeline_runs/{id}/task_runs', code: error.code, why: error.message };
    const among = await amongAll(api, run).catch((second: unknown) => {
      if (!isMissing(second)) throw second;
      return undefined;
    });
    return among && among.tasks.length > 0 ? among : { tasks: [], gaps: [gap, ...(among?.gaps ?? [])] };
  }
}

function isMissing(error: unknown): error is OrchestraError {
  return error instanceof OrchestraError && ['ORCHESTRA_NOT_FOUND', 'ORCHESTRA_FORBIDDEN'].includes(error.code);
}

async function amongAll(api: OrchestraApi, run: PipelineRun): Promise<RunTasks | undefined> {
  if (run.createdAt === null) return undefined;
  const from = Date.parse(run.createdAt) - hourMs;
  const to = run.completedAt === null ? undefined : Date.parse(run.completedAt) + hourMs;
  const pipelineIds = run.pipelineId === null ? [] : [run.pipelineId];
  const { tasks, gaps } = await collect(api.tasks({ from, ...(to !== undefined && { to }), pipelineIds }));
  return { tasks: tasks.filter(({ pipelineRunId }) => pipelineRunId === run.id), gaps };
}

async function collect(pages: AsyncIterable<Page<TaskRun>>): Promise<RunTasks> {
  const tasks: TaskRun[] = [];
  let unreadable = 0;
  let capped = false;
  for await (const page of pages) {
    tasks.push(...page.items);
    unreadable += page.unreadable;
    capped ||= page.capped;
  }
  return {
    tasks,
    gaps: [
      ...(unreadable > 0 ? [{ what: 'tasks', why: `${unreadable} have no usable id.` }] : []),
      ...(capped ? [{ what: 'tasks', why: `There are more than the ${tasks.length} that were read.` }] : []),
    ],
  };
}
