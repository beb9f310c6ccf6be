/** What the simulator's data is written in; `faces.ts` turns it into what the API answers. */

/** A file that a task left: a log or an artifact. */
export interface FilePlan {
  readonly name: string;
  readonly body: string | Uint8Array | (() => Uint8Array);
  /** `x-file-status` of a log; FINISHED where it is left out. */
  readonly fileStatus?: string;
  /** How its download misbehaves, always: the range is ignored, or the storage fails. */
  readonly fault?: 'no-range' | 's3-500';
}

export interface OperationPlan {
  readonly name: string;
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

/** How a task ends in one run. */
export interface Outcome {
  readonly status: 'SUCCEEDED' | 'WARNING' | 'FAILED';
  readonly message?: string | null;
  readonly externalStatus?: string;
  readonly externalMessage?: string;
  readonly operations?: readonly OperationPlan[];
  readonly logs?: readonly FilePlan[];
  readonly artifacts?: readonly FilePlan[];
  /** Failed attempts before this one; each is a task run of its own, shown with `include_superseded`. */
  readonly superseded?: number;
  /** Fields of the task run that are answered as they stand here. */
  readonly exact?: Readonly<Record<string, unknown>>;
}

export interface TaskPlan {
  readonly id: string;
  readonly name?: string;
  readonly integration: string;
  readonly job: string;
  /** Ids of tasks or of groups. */
  readonly dependsOn?: readonly string[];
  readonly group?: string;
  readonly matrixParent?: string;
  readonly takesS?: number;
  readonly treatFailureAsWarning?: boolean;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

export interface RunPlan {
  readonly id?: string;
  /** Seconds before the simulator's start, or a time. */
  readonly at: number | string;
  /** By task id; a task that is not named succeeds. */
  readonly outcomes?: Readonly<Record<string, Outcome>>;
  /** Seconds after its creation at which somebody cancelled it. */
  readonly cancelledAfterS?: number;
  /** Ended before any task began, such as a broken definition. */
  readonly neverBegan?: boolean;
  /** Its sub-paths answer 404. */
  readonly withoutTasks?: boolean;
  /** Fields of the run that are answered as they stand here. */
  readonly exact?: Readonly<Record<string, unknown>>;
}

export interface PipelinePlan {
  readonly id?: string;
  readonly name: string;
  readonly alias: string;
  readonly tasks: readonly TaskPlan[];
  readonly runs: readonly RunPlan[];
  /** What a run does that is started now; all tasks succeed where it is left out. */
  readonly next?: Readonly<Record<string, Outcome>>;
  readonly paused?: boolean;
  readonly defaultBranch?: string;
  /** A pipeline that starts another one when it fails or ends, by alias. */
  readonly startsAfter?: string;
}
