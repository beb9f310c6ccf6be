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

/** Where in a list over several windows a page is: the newest window is 0, its first page 1. */
export interface Place {
  readonly window: number;
  readonly page: number;
}

export interface PlacedPage<T> extends Page<T> {
  readonly at: Place;
  /** There may be another page after it. */
  readonly more: boolean;
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
  /** Where its pages are for humans, such as `https://app.getorchestra.io`. */
  readonly site: string;
  /** The span of time that is meant where one or both ends are left out; with it, every page of a list is of the same. */
  rangeOf(range?: Partial<TimeWindow>): TimeWindow;
  /** Runs by their creation, the newest windows first, from `start` on. */
  runs(filter?: RunFilter, start?: Place): AsyncGenerator<PlacedPage<PipelineRun>>;
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
