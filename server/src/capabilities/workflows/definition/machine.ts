import type { JsonObject, Template } from './json.ts';

/**
 * A state machine of the Amazon States Language (states-language.net), JSONata dialect, with the fields that are run here
 * and no others: `parseDefinition` refuses the rest by name.
 */
export interface Machine extends Scope {
  readonly QueryLanguage?: 'JSONata';
  readonly Version?: '1.0';
  /** Seconds that a run may take in all. */
  readonly TimeoutSeconds?: number;
}

/** States that know each other: the machine, a branch of a Parallel, the item processor of a Map. */
export interface Scope {
  readonly Comment?: string;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export type State =
  | TaskState
  | PassState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;

export type StateType = State['Type'];

interface Common {
  readonly Comment?: string;
  readonly QueryLanguage?: 'JSONata';
}

interface Moves {
  readonly Next?: string;
  readonly End?: boolean;
}

/** What a state may make of its result. */
interface Yields {
  readonly Output?: Template;
  readonly Assign?: JsonObject;
}

interface Recovers {
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

/** How often and after how long a failed state is tried again. */
export interface Retrier {
  readonly Comment?: string;
  readonly ErrorEquals: readonly string[];
  /** Seconds before the first repetition, 1 by default. */
  readonly IntervalSeconds?: number;
  /** Repetitions, 3 by default; 0 forbids them. */
  readonly MaxAttempts?: number;
  /** What the interval is multiplied with each time, 2 by default. */
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

/** Where a failed state goes on. `Output` and `Assign` may read `$states.errorOutput`. */
export interface Catcher extends Yields {
  readonly Comment?: string;
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
}

export interface TaskState extends Common, Moves, Yields, Recovers {
  readonly Type: 'Task';
  /** `mcp://<server>/<tool>` */
  readonly Resource: string;
  /** By default the state's input. */
  readonly Arguments?: Template;
  /** A whole number from 1, or an expression that gives one; 60 by default. */
  readonly TimeoutSeconds?: number | string;
}

export interface PassState extends Common, Moves, Yields {
  readonly Type: 'Pass';
}

export interface ChoiceState extends Common, Yields {
  readonly Type: 'Choice';
  readonly Choices: readonly ChoiceRule[];
  readonly Default?: string;
}

export interface ChoiceRule extends Yields {
  readonly Comment?: string;
  readonly Condition: boolean | string;
  readonly Next: string;
}

export interface WaitState extends Common, Moves, Yields {
  readonly Type: 'Wait';
  /** Exactly one of the two. */
  readonly Seconds?: number | string;
  readonly Timestamp?: string;
}

export interface SucceedState extends Common {
  readonly Type: 'Succeed';
  readonly Output?: Template;
}

export interface FailState extends Common {
  readonly Type: 'Fail';
  readonly Error?: string;
  readonly Cause?: string;
}

export interface ParallelState extends Common, Moves, Yields, Recovers {
  readonly Type: 'Parallel';
  readonly Branches: readonly Scope[];
  /** The input of every branch; by default the state's input. */
  readonly Arguments?: Template;
}

export interface MapState extends Common, Moves, Yields, Recovers {
  readonly Type: 'Map';
  readonly ItemProcessor: Scope & { readonly ProcessorConfig?: { readonly Mode: 'INLINE' } };
  /** A list (whose texts may be expressions) or an expression that gives one; by default the state's input. */
  readonly Items?: readonly Template[] | string;
  readonly ItemSelector?: Template;
  readonly ItemBatcher?: ItemBatcher;
  /** 0, the default, means no bound of the definition's own. */
  readonly MaxConcurrency?: number | string;
  readonly ToleratedFailureCount?: number | string;
  readonly ToleratedFailurePercentage?: number | string;
}

/** Puts items together: at least one of the two bounds is there. */
export interface ItemBatcher {
  readonly MaxItemsPerBatch?: number | string;
  readonly MaxInputBytesPerBatch?: number | string;
  readonly BatchInput?: Template;
}

/** What a state that asks a person is given. */
export const approvalFields: readonly string[] = ['message', 'fields', 'expires_s', 'approvers'];
/** Longest that it may wait for one. */
export const longestApprovalS = 366 * 86_400;

/** What a Resource names; undefined where it is no `mcp://<server>/<tool>`. */
export function parseResource(resource: string): { readonly server: string; readonly tool: string } | undefined {
  const found = /^mcp:\/\/([a-z0-9][a-z0-9-]{0,62})\/([A-Za-z0-9_][A-Za-z0-9_./-]{0,127})$/.exec(resource);
  return found ? { server: found[1] as string, tool: found[2] as string } : undefined;
}
