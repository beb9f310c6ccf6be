import { setTimeout as sleep } from 'node:timers/promises';
import { DBOS, DBOSWorkflowConflictError } from '@dbos-inc/dbos-sdk';
import { isConnectionLoss } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { ParkSignal } from './parking/signal.ts';

/** One run of a job's handler in this process, from its claim to its end. */
export interface Execution {
  readonly jobId: string;
  readonly claim: string;
  readonly signal: AbortSignal;
  /** Asks the handler to stop; the reason becomes the job's error. */
  stop(reason: AppError): void;
  /** Another execution owns the job now, or will: whatever this one still does must change nothing. */
  lose(): void;
  /** The journal cannot be reached: this execution ends, and the job is to run again from its last recorded step. */
  cutOff(): void;
  readonly lost: () => boolean;
  /** Fires when this process is about to stop. */
  readonly draining: AbortSignal;
  /** Tells the handler that this process is about to stop. */
  drain(): void;
  /** Whom to tell that somebody woke the job while it runs. */
  readonly woken: { listener?: () => void };
}

export function createExecution(jobId: string, claim: string, onCutOff: () => void): Execution {
  const controller = new AbortController();
  const draining = new AbortController();
  let lost = false;
  const lose = () => {
    lost = true;
    controller.abort(new AppError('UNAVAILABLE', 'Another process took this job over.', 'Nothing: it goes on there.'));
  };
  return {
    jobId,
    claim,
    signal: controller.signal,
    stop: (reason) => controller.abort(reason),
    lose,
    cutOff() {
      if (lost) return;
      lose();
      onCutOff();
    },
    lost: () => lost,
    draining: draining.signal,
    drain: () => draining.abort(),
    woken: {},
  };
}

/** The engine parks an execution that throws this: it records nothing and waits for the owner's outcome. */
export function parked(execution: Execution): Error {
  return new DBOSWorkflowConflictError(execution.jobId);
}

/** Runs a write of ours until the database has taken it; parks when the job is lost meanwhile. */
export async function persist<T>(execution: Execution, write: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    if (execution.lost()) throw parked(execution);
    try {
      return await write();
    } catch (error) {
      if (!isConnectionLoss(error)) throw error;
      await sleep(Math.min(2000, 50 * 2 ** attempt));
    }
  }
}

/** Runs an owner's write; `false` from it means that the job is no longer ours. */
export async function persistOwned(execution: Execution, write: () => Promise<boolean>): Promise<void> {
  if (await persist(execution, write)) return;
  execution.lose();
  throw parked(execution);
}

/**
 * One entry of the engine's journal. The engine waits for a database that is away, but not on every kind of broken
 * connection; what it lets through must end this execution, not the job.
 */
export async function journaled<T>(execution: Execution, name: string, body: () => Promise<T>): Promise<T> {
  if (execution.lost()) throw parked(execution);
  try {
    return await DBOS.runStep(body, { name });
  } catch (error) {
    if (error instanceof ParkSignal) throw error;
    if (isConnectionLoss(error)) execution.cutOff();
    if (error instanceof DBOSWorkflowConflictError) execution.lose();
    throw execution.lost() ? parked(execution) : error;
  }
}

/** Why a job stops that somebody asked to. */
export function canceled(reason: string | null): AppError {
  return new AppError(
    'CANCELED',
    'The job was canceled.',
    'Start it again if it is still wanted.',
    reason ? { reason } : undefined,
  );
}
