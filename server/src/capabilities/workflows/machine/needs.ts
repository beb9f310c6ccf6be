import type { EvaluationRequest } from '../expressions/protocol.ts';
import type { Journal } from '../journal/journal.ts';

/** A call that a Task makes. */
export interface TaskCall {
  readonly server: string;
  readonly tool: string;
  /** What the state gives it: an object, unless the definition computes something else. */
  readonly args: unknown;
  readonly path: string;
  /** The same for every try of one execution of the state. */
  readonly idempotencyKey: string;
  readonly timeoutMs: number;
  /** Fires when the call is to be given up. */
  readonly signal: AbortSignal;
}

/** One try of one execution of a state, which asks once. */
export interface ApprovalPlace {
  readonly path: string;
  readonly generation: number;
  readonly tries: number;
}

/** What a state asks of a person. */
export interface ApprovalRequest extends ApprovalPlace {
  readonly message: string;
  /** A flat JSON Schema of an object. */
  readonly fields: Readonly<Record<string, unknown>> | null;
  readonly approvers: readonly string[];
  readonly expiresAt: Date;
  /** Whether what is asked and answered may be secret. */
  readonly sealed: boolean;
}

export interface ApprovalAnswer {
  readonly approved: boolean;
  readonly by: string;
  readonly at: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly comment?: string;
}

export interface Approvals {
  /** Asks, in the transaction that writes what the journal was just given; nothing happens when it was asked before. */
  open(request: ApprovalRequest): void;
  /** What came of it so far. */
  look(place: ApprovalPlace): Promise<ApprovalAnswer | undefined>;
  /** Ends one that nobody answered in time; answers the answer that came at the last moment. */
  expire(place: ApprovalPlace): Promise<ApprovalAnswer | undefined>;
  /** Ends one of a state that was given up. */
  withdraw(place: ApprovalPlace): void;
}

/** Calls that may have arrived and of which no answer is known. */
export interface Doubts {
  /** Notes that nobody knows what became of a call. */
  note(seq: number, call: string): void;
  /** What somebody found out: its result, or that it is to be sent again. */
  look(seq: number): Promise<{ readonly result: unknown } | 'repeat' | undefined>;
}

/** Time, as the run sees it. */
export interface Time {
  now(): Date;
  /** Calls back at a time; what it answers takes that back. */
  at(time: Date, fire: () => void): () => void;
  /** Nothing happens until then unless somebody wakes the run. With `park`, the run ends here and is to be gone on with then. */
  idle(until: Date): 'park' | 'stay';
}

export interface Limits {
  /** Executions of states in one run. */
  readonly states: number;
  /** Bytes of a state's data, as JSON. */
  readonly bytes: number;
  /** Bytes of the data that all states of a run make. */
  readonly total: number;
  /** Items of one Map at once, whatever it says. */
  readonly concurrency: number;
}

/** What was counted of a run. */
export type Counts = Record<'states' | 'failed' | 'caught' | 'items' | 'items_failed' | 'calls' | 'retries', number>;

/** All that the interpreter touches. */
export interface MachineNeeds {
  readonly execution: {
    readonly id: string;
    readonly workflow: string;
    readonly version: number;
    readonly startedAt: Date;
    readonly seed: string;
    readonly redrives: number;
  };
  /** Replaces each `{% … %}` of a template; fails with a `QueryError`. */
  evaluate(request: EvaluationRequest, signal: AbortSignal): Promise<unknown>;
  readonly journal: Journal;
  readonly time: Time;
  /** Fails with a `StateFailure`. */
  callTask(call: TaskCall): Promise<unknown>;
  /** Whether sending a call twice does no harm. */
  isIdempotent(server: string, tool: string): boolean;
  readonly approvals: Approvals;
  readonly doubts: Doubts;
  /** From 0 to 1: what comes of it is recorded. */
  random(): number;
  /** Ends the run; its reason is thrown. */
  readonly signal: AbortSignal;
  /** Fires when the process is about to stop: no more calls are begun, and the run parks. */
  readonly draining?: AbortSignal;
  /** States whose data is sealed, and those whose data holds nothing secret whatever they are given. */
  readonly sensitive: true | readonly string[];
  readonly public: readonly string[];
  readonly limits: Limits;
  readonly counts: Counts;
  /** Something changed that a caller may want to see. */
  onProgress?(fraction: number): void;
}

export const noCounts = (): Counts => ({
  states: 0,
  failed: 0,
  caught: 0,
  items: 0,
  items_failed: 0,
  calls: 0,
  retries: 0,
});
