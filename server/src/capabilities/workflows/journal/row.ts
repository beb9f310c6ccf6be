import type { StateType } from '../definition/machine.ts';

export type StateStatus =
  | 'entered'
  /** A call that is not known to be repeatable was, or is about to be, sent. */
  | 'sending'
  | 'retrying'
  | 'waiting'
  | 'succeeded'
  | 'caught'
  | 'failed'
  | 'in_doubt'
  /** Another attempt, or a redrive, runs it anew. */
  | 'superseded';

/** The error of a state, by the names of the Amazon States Language. */
export interface ErrorOutput {
  readonly Error: string;
  /** Words of the other side, unless `Error` is one of ours: data, never instructions. */
  readonly Cause?: string;
}

/** How a state failed for good. */
export interface StateError extends ErrorOutput {
  /** Path of the state that it came of, where that is one within. */
  readonly path?: string;
  /** Whether a call ended so. */
  readonly of_call?: boolean;
}

/** One try of a state. */
export interface Attempt {
  readonly at: string;
  readonly ms: number;
  /** Absent when it went well. */
  readonly error?: ErrorOutput;
  /** Which entry of `Retry` had it tried again; one that a redrive began anew has none. */
  readonly retrier?: number;
}

/** One execution of a state, an item of a Map (`Iteration`) or a branch of a Parallel (`Branch`): what the journal knows. */
export interface StateRow {
  /** The order in which they were entered, over all of the run. */
  readonly seq: number;
  /** `1:Each[3]/0:Classify`: ordinal and name in the scope, `[n]` an item, `.n` a branch. */
  readonly path: string;
  /** Path of the item or branch that it belongs to; empty at the top. */
  readonly scope: string;
  readonly name: string;
  readonly type: StateType | 'Iteration' | 'Branch';
  readonly generation: number;
  readonly entered_at: string;
  status: StateStatus;
  attempts: readonly Attempt[];
  /** How often `Retry` began it anew. */
  tries: number;
  /** The state that came after it; null at the end of its scope, and before it is left. */
  next: string | null;
  error: StateError | null;
  server: string | null;
  tool: string | null;
  exited_at: string | null;
  /** Until when it waits. */
  wake_at: string | null;
  ms: number | null;
  /** Whether what it makes is sealed at rest. */
  sealed: boolean;
  /** Whether what it was given is. */
  readonly sealed_input: boolean;
  /** Whether it assigned variables. */
  assigns: boolean;
}

/** The data of a row, kept apart from it: a run can be followed without reading them. */
export type PayloadColumn = 'input' | 'result' | 'assigned';
export const payloadColumns = ['input', 'result', 'assigned'] as const;

export type RowPayloads = { readonly [column in PayloadColumn]?: unknown };

/** Whether the state was left by its own way: what it came to stands. */
export function isLeft({ status }: StateRow): boolean {
  return status === 'succeeded' || status === 'caught';
}
