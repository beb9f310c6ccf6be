import { DBOS } from '@dbos-inc/dbos-sdk';
import { registerInternalQueue } from '@dbos-inc/dbos-sdk/internal/wfqueue';

/** Where jobs wait that any process may run. */
export const sharedQueue = 'jobs';

/** A queue that this process takes from, besides the shared one: of work that is bound to something only it reaches. */
export interface JobQueue {
  readonly name: string;
  /** Jobs of it at once in this process. */
  readonly concurrency: number;
}

/** Public queues are rows of the database, whose limits the process that starts last sets for all: these are its own. */
export function registerQueues(concurrency: number, queues: readonly JobQueue[]): void {
  if (concurrency === 0) return;
  for (const queue of [{ name: sharedQueue, concurrency }, ...queues]) {
    registerInternalQueue(queue.name, {
      workerConcurrency: queue.concurrency,
      minPollingIntervalMs: queue.name === sharedQueue ? 100 : 50,
    });
  }
}

/** The queue that a job came from: it goes back there. */
export async function queueOf(jobId: string): Promise<string> {
  return (await DBOS.getWorkflowStatus(jobId))?.queueName ?? sharedQueue;
}
