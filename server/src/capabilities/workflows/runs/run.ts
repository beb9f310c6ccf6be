import type { Authority } from '../../../core/auth/authority.ts';
import type { Db } from '../../../core/db/database.ts';
import type { Cause } from '../../../core/events/cause.ts';
import type { RunStatus } from '../contract.ts';

/**
 * A value of a run as it is kept: inline, in the object store (held by `workflows:<run id>`), sealed inline, or sealed in the
 * object store.
 */
export type Payload =
  | { readonly v: unknown }
  | { readonly ref: { readonly sha256: string; readonly bytes: number } }
  | { readonly sealed: string; readonly bytes: number }
  | { readonly sealed_ref: { readonly sha256: string; readonly bytes: number } };

export interface RunError {
  /** States.… or Tutti.…. */
  readonly code: string;
  readonly message: string;
  /** Path of the state that it came of. */
  readonly state?: string;
  /** What the other side said, marked untrusted. */
  readonly cause?: unknown;
}

/** What started a run. */
export interface RunTrigger {
  readonly kind: 'manual' | 'schedule' | 'webhook' | 'event' | 'workflow';
  /** Of a trigger, its id, and when or by which event it started the run. */
  readonly id?: string;
  readonly at?: string;
  readonly event_id?: string;
}

export interface RunRow {
  readonly id: string;
  readonly job_id: string;
  readonly workflow: string;
  readonly version: number;
  readonly owner: string;
  readonly authority: Omit<Authority, 'principalId'>;
  /** As the run said last, or as its job ended without it. */
  readonly status: RunStatus;
  readonly trigger: RunTrigger;
  readonly input: Payload;
  readonly output: Payload | null;
  readonly summary: string | null;
  readonly error: RunError | null;
  readonly counts: Readonly<Record<string, number>>;
  /** From which all that is random in it is made. */
  readonly seed: string;
  readonly redrives: number;
  readonly cause: Cause | null;
  readonly created_at: Date;
  /** When its job was enqueued; null while the workflow has no room for it. */
  readonly dispatched_at: Date | null;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
}

export const runSubject = (id: string) => `pipeline-run:${id}`;
/** Who holds the objects of a run. */
export const holderOfRun = (id: string) => `workflows:${id}`;

/** Keeps values of runs and gets them back; `path` is the state that a value belongs to, or input or output. */
export interface Payloads {
  keep(
    tx: Db,
    value: unknown,
    place: { readonly runId: string; readonly path: string; readonly sealed: boolean },
  ): Promise<Payload>;
  /** The same for a value that stays in the database; undefined for a larger one. */
  inline(
    value: unknown,
    place: { readonly runId: string; readonly path: string; readonly sealed: boolean },
  ): Payload | undefined;
  open(payload: Payload, place: { readonly runId: string; readonly path: string }): Promise<unknown>;
}
