import type { PipelineRun } from '../api/schemas.ts';
import type { OrchestraApi } from '../client/orchestra-api.ts';
import { OrchestraError } from '../errors.ts';
import { showRun } from '../present/run.ts';

/** What a watch tells of a run whenever it changes: the data of the event `orchestra_run.updated`. */
export interface WatchedRun {
  readonly pipeline_run_id: string;
  readonly pipeline_id: string | undefined;
  readonly pipeline_name: string | undefined;
  readonly status: string | undefined;
  readonly created_at: string | undefined;
  readonly started_at: string | undefined;
  readonly completed_at: string | undefined;
  /** Undefined where Orchestra does not tell of the tasks. */
  readonly tasks: TaskCounts | undefined;
  readonly url: string;
}

export interface TaskCounts {
  readonly total: number;
  readonly ended: number;
  readonly failed: number;
}

export interface Look {
  readonly run: PipelineRun;
  readonly shown: WatchedRun;
}

const endStatuses = new Set(['SUCCEEDED', 'WARNING', 'FAILED', 'SKIPPED', 'CANCELLED']);

/** Looks once at a run and how many of its tasks have ended. */
export async function lookAt(api: OrchestraApi, runId: string): Promise<Look> {
  const run = await api.run(runId);
  const tasks = await countTasks(api, runId);
  const { pipeline_run_id, pipeline_id, pipeline_name, status, created_at, started_at, completed_at, url } = showRun(
    run,
    api.site,
  );
  return {
    run,
    shown: { pipeline_run_id, pipeline_id, pipeline_name, status, created_at, started_at, completed_at, tasks, url },
  };
}

/** Undefined where Orchestra does not say: the run is what counts. */
async function countTasks(api: OrchestraApi, runId: string): Promise<TaskCounts | undefined> {
  let [read, ended, failed] = [0, 0, 0];
  let total = 0;
  try {
    for await (const page of api.tasksOfRun(runId)) {
      read += page.items.length + page.unreadable;
      total = Math.max(page.total ?? 0, read);
      for (const { status } of page.items) {
        if (status !== null && endStatuses.has(status)) ended += 1;
        if (status === 'FAILED') failed += 1;
      }
    }
  } catch (error) {
    if (error instanceof OrchestraError) return undefined;
    throw error;
  }
  return { total, ended, failed };
}
