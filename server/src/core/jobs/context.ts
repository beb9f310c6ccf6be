import { setTimeout as sleep } from 'node:timers/promises';
import { DBOS, DBOSWorkflowConflictError } from '@dbos-inc/dbos-sdk';
import { loadPrincipal } from '../auth/tokens.ts';
import { type Db, inTransaction, isConnectionLoss } from '../db/database.ts';
import { AppError, type ErrorEnvelope, envelope, errorRow } from '../errors.ts';
import { setCause } from '../events/store.ts';
import type { Logger } from '../log.ts';
import { traced, traceEvent } from '../telemetry/trace.ts';
import { findCall, putCall } from './calls/store.ts';
import { canceled, type Execution, journaled, parked, persist, persistOwned } from './execution.ts';
import type { JobContext, RetryPolicy } from './handler.ts';
import { ParkSignal } from './parking/signal.ts';
import { ownedRow } from './parking/store.ts';
import { stepSpan } from './spans.ts';
import { holdOwned, type JobRow, updateOwned } from './store.ts';

/** What a step leaves in the journal: an error is data there, so that a replay throws the same one. */
type StepRecord<T> = { ok: true; value: T } | { ok: false; error: ErrorEnvelope['error'] };

const progressEveryMs = 1000;
/** Tries of a step whose database is away, a second apart, before the error counts. */
const databaseTries = 60;

/** Progress that is not written yet. */
type Held = { readonly progress: number; readonly counters: Record<string, number> };

/** What a handler gets to work with. Progress that is held back is written by `flush`, or taken by who writes the end, who has `ending` write what the handler wants beside it. */
export function createContext(
  row: JobRow,
  execution: Execution,
  db: Db,
  log: Logger,
): {
  context: JobContext;
  flush(): Promise<void>;
  heldBack(): Promise<Held | undefined>;
  ending(tx: Db): Promise<void>;
} {
  let ending: ((tx: Db) => Promise<void>) | undefined;
  const { jobId, claim, signal } = execution;
  const progress = createProgress(execution, db, log);

  const context: JobContext = {
    job: { id: row.id, kind: row.kind, dataset_id: row.dataset_id, principal_id: row.principal_id },
    signal,
    step: (name, body, retry) => record(name, () => attempt(body, signal, retry)),
    transaction: (name, body) => context.step(name, () => owned(body, { evenIfCanceled: false })),
    conclude: (name, body) => record(name, () => attempt(() => owned(body), new AbortController().signal)),
    wrapUp: (name, body, retry) => record(name, () => attempt(body, new AbortController().signal, retry)),
    resumable: (name, body) =>
      unwrap(stepSpan(row, execution, name, () => attempt(body, new AbortController().signal))),
    call: (name, { idempotent }, send) =>
      context.step(name, async () => {
        const step = DBOS.stepID ?? 0;
        const mark = (state: string) => owned((tx) => putCall(tx, { job_id: jobId, step, name, state, claim }));
        const known = await findCall(db, jobId, step);
        if (known?.state === 'resolved') return known.result as Awaited<ReturnType<typeof send>>;
        if (known && known.state !== 'answered' && !idempotent) {
          await mark('in_doubt');
          throw inDoubt(row, name);
        }
        await mark('sending');
        try {
          return await traced(`call ${name}`, { kind: 'client', facts: { 'tutti.call.idempotent': idempotent } }, send);
        } catch (error) {
          const doubtful = !idempotent && (signal.aborted || (error instanceof AppError && error.code === 'IN_DOUBT'));
          await mark(doubtful ? 'in_doubt' : 'answered');
          throw error;
        }
      }),
    write: (body) => persist(execution, () => owned(body)),
    writeOnce: (build) =>
      persistOwned(execution, async () => (await build(ownedRow(jobId, claim)).execute(db)).rows[0]?.owned === true),
    draining: execution.draining,
    park(wakeAt) {
      // Whoever wakes it from now on does not ask this run.
      delete execution.woken.listener;
      throw execution.lost() ? parked(execution) : new ParkSignal(jobId, wakeAt);
    },
    onWake(listener) {
      execution.woken.listener = listener;
    },
    atEnd(work) {
      ending = work;
    },
    progress: progress.report,
    async principal() {
      const found = await loadPrincipal(db, row.principal_id, row.authority);
      if (found) return found;
      throw new AppError(
        'FORBIDDEN',
        'The principal that started this job is gone.',
        'Start the job again with a token that holds.',
      );
    },
  };
  return { context, flush: progress.flush, heldBack: progress.take, ending: async (tx) => ending?.(tx) };

  function record<T>(name: string, run: () => Promise<StepRecord<T>>): Promise<T> {
    return unwrap(journaled(execution, name, () => stepSpan(row, execution, name, run)));
  }

  /** Runs a step's body until it returns, fails for good, or `until` fires. */
  async function attempt<T>(
    body: () => Promise<T>,
    until: AbortSignal,
    retry: RetryPolicy = { retries: 0, backoffMs: 0 },
  ): Promise<StepRecord<T>> {
    let retries = 0;
    for (let losses = 0; ; ) {
      if (execution.lost()) throw parked(execution);
      if (until.aborted) return failure(until.reason);
      try {
        // The journal keeps JSON, which has no undefined.
        return { ok: true, value: (await body()) ?? (null as T) };
      } catch (error) {
        if (error instanceof ParkSignal && !execution.lost()) throw error;
        if (execution.lost() || error instanceof DBOSWorkflowConflictError) throw parked(execution);
        if (until.aborted) return failure(until.reason);
        if (isConnectionLoss(error) && losses < databaseTries) {
          losses += 1;
          traceEvent('database away', { 'tutti.retry': losses });
          await pause(1000, until);
        } else if (retries < retry.retries && error instanceof AppError && errorRow(error.code).retryable) {
          await pause(Math.random() * retry.backoffMs * 2 ** retries, until);
          retries += 1;
          traceEvent('retry', { 'tutti.retry': retries, 'error.type': error.code });
        } else {
          if (!(error instanceof AppError)) log.error({ job: jobId, error }, 'a step failed');
          return failure(error);
        }
      }
    }
  }

  function owned<T>(body: (tx: Db) => Promise<T>, { evenIfCanceled } = { evenIfCanceled: true }): Promise<T> {
    return inTransaction(db, async (tx) => {
      // Asked once: on a transaction whose connection broke it would be asked in vain for ever; all of it is tried again.
      const held = await holdOwned(tx, jobId, claim);
      if (!held) {
        execution.lose();
        throw parked(execution);
      }
      // Whoever asked it to stop may have changed what it works on, and the signal is still on its way.
      if (held.cancel_requested_at && !evenIfCanceled) {
        execution.stop(canceled(held.cancel_reason));
        throw signal.reason;
      }
      if (row.cause) await setCause(tx, row.cause);
      return body(tx);
    });
  }
}

async function unwrap<T>(recorded: Promise<StepRecord<T>>): Promise<T> {
  const done = await recorded;
  if (done.ok) return done.value;
  const { code, message, suggestion, details } = done.error;
  throw new AppError(code, message, suggestion, details);
}

async function pause(ms: number, until: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: until }).catch(() => undefined);
}

function failure(error: unknown): { ok: false; error: ErrorEnvelope['error'] } {
  return { ok: false, error: envelope(error).error };
}

function inDoubt(row: JobRow, call: string): AppError {
  return new AppError(
    'IN_DOUBT',
    `The server stopped while it was calling out (${call}); whether the call arrived is not known.`,
    'Find out at the other side, then say so with resolve_in_doubt_call: completed or repeat.',
    { job_id: row.id, call },
  );
}

/** Progress of one execution, written at most once a second and never after the job is lost. */
function createProgress(execution: Execution, db: Db, log: Logger) {
  let waiting: Held | undefined;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;

  /** Answers what is held back, once nothing of before is being written any more. */
  async function take(): Promise<Held | undefined> {
    clearTimeout(timer);
    timer = undefined;
    await writing;
    const held = waiting;
    waiting = undefined;
    return held;
  }

  async function flush(): Promise<void> {
    const change = await take();
    if (change) await write(change);
  }

  async function writeHeld(): Promise<void> {
    const change = waiting;
    waiting = undefined;
    if (change) await write(change);
  }

  async function write(change: Held): Promise<void> {
    if (execution.lost()) return;
    try {
      const { jobId, claim } = execution;
      const owner = await inTransaction(db, (tx) => updateOwned(tx, jobId, claim, change));
      if (!owner) execution.lose();
    } catch (error) {
      log.debug({ job: execution.jobId, error }, 'progress was not written');
    }
  }

  function report(fraction: number, counters: Readonly<Record<string, number>> = {}): void {
    waiting = { progress: Math.min(1, Math.max(0, fraction)), counters: { ...waiting?.counters, ...counters } };
    timer ??= setTimeout(() => {
      timer = undefined;
      // One after the other: while one waits for the job's row, the next ones must not take further connections.
      writing = (writing ?? Promise.resolve()).then(writeHeld);
    }, progressEveryMs);
  }

  return { report, flush, take };
}
