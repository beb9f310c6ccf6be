import type { Principal } from '../auth/principal.ts';
import type { Db, Sql } from '../db/database.ts';

/** How a step is tried again. Only errors that say `retryable` are. */
export interface RetryPolicy {
  /** Tries after the first one. */
  readonly retries: number;
  /** Wait before the first retry; it doubles each time, with full jitter. */
  readonly backoffMs: number;
}

/** What the code of a job may use. Everything with an effect belongs into a step, or it runs again after a crash. */
export interface JobContext {
  readonly job: {
    readonly id: string;
    readonly kind: string;
    readonly dataset_id: string | null;
    readonly principal_id: string;
  };
  /** Fires on cancellation, timeout, shutdown, and when another process took the job over. */
  readonly signal: AbortSignal;
  /**
   * Runs `body` and records what it returns (JSON). A recorded step never runs again; one that was cut off does, so `body`
   * must be repeatable. Steps run in the same order every time: branch on what steps returned, never on time or chance.
   */
  step<T>(name: string, body: () => Promise<T>, retry?: RetryPolicy): Promise<T>;
  /** A step whose body is one transaction of ours, refused when this process no longer owns the job. */
  transaction<T>(name: string, body: (tx: Db) => Promise<T>): Promise<T>;
  /** A transaction that runs although the job was asked to stop or ran out of time: to leave things in order. */
  conclude<T>(name: string, body: (tx: Db) => Promise<T>): Promise<T>;
  /** A step that runs although the job was asked to stop or ran out of time: to end what it began outside. */
  wrapUp<T>(name: string, body: () => Promise<T>, retry?: RetryPolicy): Promise<T>;
  /**
   * Work that notes down by itself how far it is, so that the journal need not: whoever comes after a crash runs it again, and it
   * goes on from there. It runs although the job was asked to stop or ran out of time.
   */
  resumable<T>(name: string, body: () => Promise<T>): Promise<T>;
  /**
   * A step that calls somebody outside. The intent is journaled first: when a crash leaves in doubt whether the call was
   * sent, it is repeated only if `idempotent`; otherwise the job fails with `IN_DOUBT`, to be resolved by hand.
   * An error that `send` throws counts as an answer, unless its code is `IN_DOUBT`.
   */
  call<T>(name: string, options: { readonly idempotent: boolean }, send: () => Promise<T>): Promise<T>;
  /**
   * One transaction of ours that is no entry of the journal, for a step that keeps one of its own; it runs although the job
   * was asked to stop. Tried again while the database is away, so `body` must be repeatable.
   */
  write<T>(body: (tx: Db) => Promise<T>): Promise<T>;
  /**
   * The same in a single statement, which saves the turns of a transaction: `build` gets the query of the job's row, locked, and none
   * where this process no longer owns it; what it makes must do nothing without that row, and answer whether it was there.
   */
  writeOnce(build: (owner: Sql) => Sql<{ owned: boolean }>): Promise<void>;
  /**
   * Never returns: ends this run of the handler, and the job waits, holding no place, until `wakeAt`, its deadline, a
   * cancellation or `wakeJob`, whichever comes first. Then its handler runs anew from its first step, with nothing recorded:
   * only for handlers whose steps may all be repeated.
   */
  park(wakeAt: Date): never;
  /** Fires when this process is about to stop: what parks now goes on elsewhere, or after the restart. */
  readonly draining: AbortSignal;
  /** `listener` hears of `wakeJob` while this run lasts, at least once after the last of several. Without one, such a call ends the next wait at once. */
  onWake(listener: () => void): void;
  /**
   * Has something written in the transaction that ends the job, so that nobody sees the one without the other. Its work may be
   * repeated; a job that is ended beneath its handler ends without it.
   */
  atEnd(work: (tx: Db) => Promise<void>): void;
  /** Tells how far it is; written at most once a second. */
  progress(fraction: number, counters?: Readonly<Record<string, number>>): void;
  /** The job's principal with what the job may do now; fails when it is gone, or the token that started it was revoked. */
  principal(): Promise<Principal>;
}

/**
 * The code of a kind of job. A change in the order of its steps is a new `version`; the old one stays registered until no
 * job of it is left. What `run` returns is merged into the job's `metadata`.
 */
export interface JobHandler {
  readonly kind: string;
  readonly version: number;
  /** The scope that the job's principal must hold when the job begins, however long ago it was enqueued. */
  readonly scope?: string;
  run(context: JobContext, input: Record<string, unknown>): Promise<Record<string, unknown> | undefined>;
}

/** Work at fixed times: at each, a job of `kind` is enqueued, once over all processes. `cron` is in UTC. */
export interface Schedule {
  readonly name: string;
  readonly cron: string;
  readonly kind: string;
}

export function handlerName(handler: { readonly kind: string; readonly version: number }): string {
  return `${handler.kind}@${handler.version}`;
}
