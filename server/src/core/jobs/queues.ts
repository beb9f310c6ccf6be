import { AsyncResource } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { DBOS } from '@dbos-inc/dbos-sdk';
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import { registerInternalQueue, wfQueueRunner } from '@dbos-inc/dbos-sdk/internal/wfqueue';

/** Where jobs wait that any process may run. */
export const sharedQueue = 'jobs';

/** A queue that this process takes from, besides the shared one: of work that is bound to something only few reach. */
export interface JobQueue {
  readonly name: string;
  /** Jobs of it at once in this process; 0 until it is resized. */
  readonly concurrency: number;
}

/** Public queues are rows of the database, whose limits the process that starts last sets for all: these are its own. */
export function registerQueues(concurrency: number, queues: readonly JobQueue[]): void {
  if (concurrency === 0) return;
  for (const queue of [{ name: sharedQueue, concurrency }, ...queues]) {
    registerInternalQueue(queue.name, { workerConcurrency: queue.concurrency, minPollingIntervalMs: 100 });
  }
}

/** The queue that a job came from: it goes back there. */
export async function queueOf(jobId: string): Promise<string> {
  return (await DBOS.getWorkflowStatus(jobId))?.queueName ?? sharedQueue;
}

/**
 * Changes how many jobs of a queue this process runs at once from now on; nothing happens where it is not its own. Where it is
 * shared, so many run at once in all processes that take from it: they then get in each other's way as they take from it.
 */
export function resizeQueue(name: string, concurrency: number, shared = false): void {
  const queue = wfQueueRunner.getInternalQueue(name);
  if (!queue) return;
  queue.workerConcurrency = concurrency;
  if (shared) queue.concurrency = concurrency;
  else delete queue.concurrency;
}

/** What begins in it has nothing of the call that hurried it, such as its trace. */
const outside = new AsyncResource('tutti.jobs');

/** Takes what waits in a queue of this process at once, not at the next look; nothing happens where it is not its own. */
export async function hurryQueue(name: string, applicationVersion: string): Promise<void> {
  const [queue, executor] = [wfQueueRunner.getInternalQueue(name), DBOSExecutor.globalInstance];
  if (!queue || !executor) return;
  const { systemDatabase, executorID } = executor;
  const owner = randomUUID();
  const running = systemDatabase.countRunningWorkflowsForQueue(name);
  // As the engine's own loop does it.
  await outside.runInAsyncScope(async () => {
    const ids = await systemDatabase.findAndMarkStartableWorkflows(
      queue,
      executorID,
      applicationVersion,
      undefined,
      running,
      0,
      owner,
    );
    await executor.dispatchDequeuedWorkflows(ids, owner);
  });
}
