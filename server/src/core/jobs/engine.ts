import { setTimeout as sleep } from 'node:timers/promises';
import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import { type Authority, noAuthority } from '../auth/authority.ts';
import { asPgClient, type Connection, createPool, type Db, inTransaction } from '../db/database.ts';
import { holdLease, type Lease } from '../db/lease.ts';
import { AppError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { Logger } from '../log.ts';
import { traceContext, traced } from '../telemetry/trace.ts';
import { findCancelRequests } from './canceling/store.ts';
import { createContext } from './context.ts';
import { endBeneath } from './ended-beneath/store.ts';
import { createEndings } from './endings.ts';
import { engineLogger, migrateEngine, noUrl } from './engine-database.ts';
import { canceled, createExecution, type Execution, journaled, parked, persist, persistOwned } from './execution.ts';
import { handlerName, type JobHandler, type Schedule } from './handler.ts';
import { ParkSignal } from './parking/signal.ts';
import { parkOwned, takeWakes, wakeJob } from './parking/store.ts';
import { wakeDue } from './parking/wake.ts';
import { hurryQueue, type JobQueue, queueOf, registerQueues, resizeQueue, sharedQueue } from './queues.ts';
import { runHandler } from './run-handler.ts';
import { scheduledId } from './scheduled-id.ts';
import { jobSpan } from './spans.ts';
import * as store from './store.ts';
import { findStranded } from './stranded/store.ts';

/** A constant, not a hash of the code: an upgrade goes on with the jobs of the release before it. */
const applicationVersion = 'tutti';
const endingMs = 10_000;
const endingPollMs = 50;

export interface EngineSettings {
  readonly connection: Connection;
  readonly db: Db;
  readonly log: Logger;
  /** Jobs at once in this process; 0 for one that leaves them to others. */
  readonly concurrency: number;
  /** How long a hanging process may miss its heartbeat before another one takes its jobs. */
  readonly deadAfterMs: number;
  /** How long `stop` waits for running jobs before it hands them over. */
  readonly drainMs: number;
  /** A job ended here, or this process found that the engine had ended it. */
  readonly onEnded?: (kind: string, state: string) => void;
}

export interface EnqueueRequest {
  readonly kind: string;
  /** With what the job acts: `authority` of the context of the tool that starts it. */
  readonly authority: Authority;
  readonly datasetId?: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Seconds from its start after which the job ends as `timed_out`; default one day. */
  readonly timeoutS?: number;
  /** An id of the caller's making: a second job of that id is not added. */
  readonly id?: string;
  /** Not to begin before so many seconds are over. */
  readonly delayS?: number;
  /** Of jobs that wait, those of lower numbers begin first; 0 when nobody says, and at most 2^31 - 1. */
  readonly priority?: number;
  /** Where it waits; by default in the queue that all processes share. */
  readonly queue?: string;
}

export interface JobEngine {
  /** This process among those in `executors`, which are there as long as they live. */
  readonly executorId: string;
  /** Begins to run jobs, those first that a dead process left. Before it nothing can be enqueued. */
  start(handlers: readonly JobHandler[], schedules: readonly Schedule[], queues?: readonly JobQueue[]): Promise<void>;
  /** Enqueues a job in the caller's transaction: it exists and will run if that commits, else it never was. */
  enqueue(tx: Db, request: EnqueueRequest): Promise<store.JobRow>;
  /** Has this process look at a queue now: for whoever waits for a job that was just enqueued there. */
  hurry(queue: string): Promise<void>;
  /** Resolves when a job ends in this process, or at the signal; where it ends elsewhere, only its event tells. */
  endedHere(jobId: string, signal: AbortSignal): Promise<void>;
  /** How many jobs of one of its queues this process, or if it is shared all of them, run at once from now on; 0 for none here. */
  resize(queue: string, concurrency: number, shared?: boolean): void;
  /** Runs an ended job again from one of its steps on; the caller's transaction must have put it back to `queued`. */
  rewind(jobId: string, step: number): Promise<void>;
  /** Removes ended jobs from the engine's journal. */
  forget(jobIds: readonly string[]): Promise<void>;
  /** Takes no more work, waits for what runs, hands over what does not end in time. Jobs may still be enqueued. */
  drain(): Promise<void>;
  /** Drains, and lets go of the database. */
  stop(): Promise<void>;
}

/** The durable engine of this process. There is one a process. */
export function createJobs(settings: EngineSettings): JobEngine {
  const { connection, db, log } = settings;
  const executorId = newId('exec');
  const running = new Map<string, Execution>();
  const latest = new Map<string, JobHandler>();
  const endings = createEndings();
  const pool = createPool(connection, log, 8);
  let claims = 0;
  let stopped = false;
  let drained: Promise<void> | undefined;
  let client: DBOSClient | undefined;
  let lease: Lease | undefined;

  const engine: JobEngine = {
    executorId,
    async start(handlers, schedules, queues = []) {
      for (const [kind, handler] of latestHandlers(handlers)) latest.set(kind, handler);
      registerQueues(settings.concurrency, queues);
      await launch(handlers, schedules);
      client = await DBOSClient.create({
        systemDatabaseUrl: noUrl,
        systemDatabasePool: pool,
        applicationName: 'tutti',
        logger: engineLogger(log),
      });
      lease = await holdLease({
        connection,
        executorId,
        deadAfterMs: settings.deadAfterMs,
        log,
        onLost: loseAll,
        recover,
        onTick: async () => {
          await lookAtJobs();
          await tellEndedBeneath();
          await goOnWithStranded();
        },
        onNotify: () => void lookAtJobs().catch((error) => log.warn({ error }, 'cancellations were not read')),
      });
    },
    async enqueue(tx, request) {
      const handler = latest.get(request.kind);
      if (!handler || !client) throw new Error(`no handler for jobs of kind ${request.kind}`);
      const id = request.id ?? newId('job');
      const row = await store.insertJob(tx, {
        id,
        kind: request.kind,
        handler: handlerName(handler),
        toolset: request.kind.split('.')[0] ?? 'system',
        authority: request.authority,
        dataset_id: request.datasetId ?? null,
        input: request.input,
        metadata: request.metadata ?? {},
        timeout_s: request.timeoutS ?? 24 * 60 * 60,
        trace: traceContext(),
      });
      if (!row) return (await store.findJob(tx, id)) as store.JobRow;
      await client.enqueueInTransaction(
        asPgClient(tx),
        {
          queueName: request.queue ?? sharedQueue,
          workflowName: handlerName(handler),
          workflowID: id,
          appVersion: applicationVersion,
          ...(request.delayS !== undefined && { delaySeconds: request.delayS }),
          ...(request.priority !== undefined && { priority: request.priority }),
        },
        id,
      );
      return row;
    },
    async hurry(queue) {
      if (stopped) return;
      // Its own look comes anyway.
      await hurryQueue(queue, applicationVersion).catch((error: unknown) => log.debug({ error }, 'not hurried'));
    },
    endedHere: endings.wait,
    resize: resizeQueue,
    async rewind(jobId, step) {
      if (stopped) throw stopping();
      await untilEnded(jobId);
      await DBOS.rewindWorkflow(jobId, { startStep: step, queueName: await queueOf(jobId) });
    },
    async forget(jobIds) {
      await DBOS.deleteWorkflows([...jobIds], true);
    },
    drain() {
      stopped = true;
      for (const execution of running.values()) execution.drain();
      drained ??= DBOS.shutdown({ workflowCompletionTimeoutMS: settings.drainMs, deregister: true }).finally(loseAll);
      return drained;
    },
    async stop() {
      await engine.drain();
      await lease?.release();
      await client?.destroy();
      await pool.end();
    },
  };
  return engine;

  async function launch(handlers: readonly JobHandler[], schedules: readonly Schedule[]): Promise<void> {
    DBOS.setConfig({
      name: 'tutti',
      systemDatabaseUrl: noUrl,
      systemDatabasePool: pool,
      executorID: executorId,
      applicationVersion,
      logger: engineLogger(log),
      useListenNotify: false,
      listenQueues: [],
    });
    for (const handler of handlers) {
      DBOS.registerWorkflow((jobId: string) => execute(handler, jobId), { name: handlerName(handler) });
    }
    const planned = schedules.map((schedule) => ({
      scheduleName: schedule.name,
      schedule: schedule.cron,
      cronTimezone: 'UTC',
      workflowFn: DBOS.registerWorkflow((time: Date) => runSchedule(schedule, time), {
        name: `schedule.${schedule.name}`,
      }),
    }));
    await migrateEngine(connection, db, log);
    await DBOS.launch();
    await DBOS.applySchedules(planned);
  }

  /** The engine's workflow of every handler: claim, run, write the outcome down. */
  async function execute(handler: JobHandler, jobId: string): Promise<void> {
    claims += 1;
    const execution = createExecution(jobId, `${executorId}:${claims}`, () => void requeue(execution));
    const before = running.get(jobId);
    running.set(jobId, execution);
    let deadline: NodeJS.Timeout | undefined;
    try {
      const row = await persist(execution, () => inTransaction(db, (tx) => store.claimJob(tx, jobId, execution.claim)));
      if (!row) return;
      // Given out twice: nobody else would tell the one of before, which may work for long without asking whose the job is.
      before?.lose();
      if (row.cancel_requested_at) execution.stop(canceled(row.cancel_reason));
      deadline = stopInTime(execution, row);
      await jobSpan(row, execution, async (span) => {
        const { context, flush, heldBack, ending } = createContext(row, execution, db, log);
        const outcome = await runHandler(handler, context, row, log).catch(async (error) => {
          await flush();
          throw error;
        });
        const end = { ...(await heldBack()), ...outcome };
        if (execution.lost()) throw parked(execution);
        await journaled(execution, 'finish', async () => {
          await persistOwned(execution, () =>
            inTransaction(db, async (tx) => {
              const owned = await store.updateOwned(tx, jobId, execution.claim, end);
              if (owned) await ending(tx);
              return owned;
            }),
          );
          // Whoever waits here need not wait for the journal.
          endings.tell(jobId);
        });
        span.set({ 'tutti.job.state': outcome.state ?? 'failed' });
        if (outcome.error) span.outcome(outcome.error.code);
        settings.onEnded?.(row.kind, outcome.state ?? 'failed');
      });
    } catch (error) {
      if (!(error instanceof ParkSignal)) throw error;
      // No entry of the journal, which the next run does not have: a crash before it runs the handler again.
      const { claim } = execution;
      await persistOwned(execution, () => inTransaction(db, (tx) => parkOwned(tx, jobId, claim, error.wakeAt)));
    } finally {
      clearTimeout(deadline);
      if (running.get(jobId) === execution) running.delete(jobId);
    }
  }

  /** Has a job run again that was cut off from its journal, unless somebody else has it by now. */
  async function requeue(execution: Execution): Promise<void> {
    while (!stopped) {
      try {
        const ours = await inTransaction(db, (tx) => store.holdOwned(tx, execution.jobId, execution.claim));
        if (ours) await DBOS.resumeWorkflow(execution.jobId, { queueName: await queueOf(execution.jobId) });
        return;
      } catch (error) {
        log.warn({ job: execution.jobId, error }, 'a job that was cut off is not back in its queue yet');
        await sleep(1000);
      }
    }
  }

  async function recover(deadExecutor: string): Promise<void> {
    await store.disownJobs(db, deadExecutor);
    // Unlike the public resume, this keeps deadline and deduplication id. It is an internal export: test/recovery holds it to that.
    await DBOSExecutor.globalInstance?.recoverPendingWorkflows([deadExecutor]);
  }

  function loseAll(): void {
    for (const execution of running.values()) execution.lose();
  }

  async function stopCanceled(): Promise<void> {
    if (running.size === 0) return;
    for (const request of await findCancelRequests(db, [...running.keys()])) {
      running.get(request.id)?.stop(canceled(request.cancel_reason));
    }
  }

  /** What others want of jobs: that they stop, or go on. */
  async function lookAtJobs(): Promise<void> {
    await stopCanceled();
    await tellWoken();
    if (stopped) return;
    for (const queue of await wakeDue(db)) await engine.hurry(queue);
  }

  async function tellWoken(): Promise<void> {
    const listening = [...running.values()].filter((execution) => execution.woken.listener);
    if (listening.length === 0) return;
    const claims = listening.map(({ claim }) => claim);
    for (const id of await takeWakes(db, claims)) {
      const listener = running.get(id)?.woken.listener;
      // It has begun to wait meanwhile: the next run is to hear of it.
      if (listener) listener();
      else await inTransaction(db, (tx) => wakeJob(tx, id));
    }
  }

  async function tellEndedBeneath(): Promise<void> {
    for (const row of await endBeneath(db)) {
      log.error({ job: row.id, state: row.state }, 'the engine ended a job beneath its handler');
      settings.onEnded?.(row.kind, row.state);
    }
  }

  /** Puts work back into its queue that the engine gave to this process without its hearing of it. */
  async function goOnWithStranded(): Promise<void> {
    if (stopped) return;
    for (const id of await findStranded(db, executorId, inHand())) {
      log.warn({ workflow: id }, 'work was taken off its queue and never begun: it goes back');
      await DBOS.resumeWorkflow(id, id.startsWith('job_') ? { queueName: await queueOf(id) } : undefined);
    }
  }

  async function runSchedule(schedule: Schedule, time: Date): Promise<void> {
    const enqueue = () =>
      inTransaction(db, (tx) =>
        engine.enqueue(tx, {
          kind: schedule.kind,
          authority: noAuthority,
          input: {},
          id: scheduledId(schedule.name, time),
        }),
      );
    // Nobody called: the trace of the job begins here.
    const facts = { 'tutti.job.kind': schedule.kind };
    await DBOS.runStep(() => traced(`schedule ${schedule.name}`, { facts }, enqueue).then(() => null), {
      name: 'enqueue',
    });
  }
}

/** The workflows that the engine works on in this process, until it has written down their end; an internal export as well. */
function inHand(): readonly string[] {
  return [...(DBOSExecutor.globalInstance?.systemDatabase.runningWorkflowMap.keys() ?? [])];
}

/** A job's row tells its end a moment before the engine has written it down. */
async function untilEnded(jobId: string): Promise<void> {
  for (let waited = 0; (await DBOS.getWorkflowStatus(jobId))?.status === 'PENDING'; waited += endingPollMs) {
    if (waited >= endingMs) {
      throw new AppError('UNAVAILABLE', 'The end of this job is not written down yet.', 'Try again in a moment.');
    }
    await sleep(endingPollMs);
  }
}

function stopInTime(execution: Execution, row: store.JobRow): NodeJS.Timeout {
  const started = row.started_at?.getTime() ?? Date.now();
  const left = started + row.timeout_s * 1000 - Date.now();
  const reason = new AppError(
    'TIMED_OUT',
    `The job ran longer than its ${row.timeout_s} s.`,
    'Start it again with less work or a longer timeout.',
  );
  if (left <= 0) execution.stop(reason);
  // Node's timers end at 2^31 ms; a job that may run longer is looked at again after its next recovery.
  return setTimeout(() => execution.stop(reason), Math.min(Math.max(left, 0), 2 ** 31 - 1));
}

function stopping(): AppError {
  return new AppError('UNAVAILABLE', 'The server is stopping.', 'Try again when it is back.');
}

function latestHandlers(handlers: readonly JobHandler[]): Map<string, JobHandler> {
  const latest = new Map<string, JobHandler>();
  for (const handler of handlers) {
    const known = latest.get(handler.kind);
    if (known?.version === handler.version) throw new Error(`handler ${handlerName(handler)} is defined twice`);
    if (!known || known.version < handler.version) latest.set(handler.kind, handler);
  }
  return latest;
}
