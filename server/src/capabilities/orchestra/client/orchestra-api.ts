import type { Operation, Pipeline, PipelineRun, TaskRun } from '../api/schemas.ts';
import type { StartRequest } from '../api/start-request.ts';
import type { FilePart, Part } from './files.ts';
import type { Page } from './pages.ts';
import type { Started } from './start.ts';
import type { TimeWindow } from './windows.ts';

/** What a list is narrowed to; the newest 7 days where no time is given. */
export interface RunFilter extends Partial<TimeWindow> {
  readonly status?: readonly string[];
  readonly pipelineIds?: readonly string[];
  readonly runIds?: readonly string[];
}

export interface TaskFilter extends Partial<TimeWindow> {
  readonly status?: readonly string[];
  readonly pipelineIds?: readonly string[];
  readonly taskRunIds?: readonly string[];
  readonly integration?: string;
}

export interface OperationFilter extends Partial<TimeWindow> {
  readonly taskRunId?: string;
  readonly status?: string;
}

export interface LogFile {
  readonly name: string;
  readonly attempt: number | null;
}

/**
 * Orchestra's API within one deadline, for one call of a tool. All text that it answers was written by others: it goes on as
 * `untrusted`. Everything may throw an `OrchestraError`, `EGRESS_REFUSED`, or the caller's reason to give up; ids and names
 * that must not reach a URL are `VALIDATION_FAILED`.
 */
export interface OrchestraApi {
  /** Runs by their creation, the newest windows first. */
  runs(filter?: RunFilter): AsyncGenerator<Page<PipelineRun>>;
  /** One run, however old, as far as the API knows it still. */
  run(runId: string): Promise<PipelineRun>;
  /** With `superseded` also the attempts that another one took the place of, where the server knows them. */
  tasksOfRun(runId: string, superseded?: boolean): AsyncGenerator<Page<TaskRun>>;
  /** Task runs of all runs; the API has no filter by run here. */
  tasks(filter?: TaskFilter): AsyncGenerator<Page<TaskRun>>;
  /** Operations by when they were written down. */
  operations(filter?: OperationFilter): AsyncGenerator<Page<Operation>>;
  pipelines(): Promise<{ readonly items: readonly Pipeline[]; readonly unreadable: number }>;
  pipeline(idOrAlias: string): Promise<Pipeline>;
  artifacts(runId: string, taskRunId: string): Promise<readonly string[]>;
  logs(runId: string, taskRunId: string): Promise<readonly LogFile[]>;
  /** At most `maxPart` bytes of an artifact. */
  readArtifact(runId: string, taskRunId: string, filename: string, part: Part): Promise<FilePart>;
  readLog(runId: string, taskRunId: string, filename: string, part: Part): Promise<FilePart>;
  /** Asks for a run, once: an unknown outcome is looked up and told, never asked for again. */
  start(idOrAlias: string, request?: StartRequest): Promise<Started>;
  cancel(runId: string, force?: boolean): Promise<void>;
}
