import type { Db } from '../../../../core/db/database.ts';
import type { JobEngine } from '../../../../core/jobs/engine.ts';
import { requestCancel } from '../../../../core/jobs/store.ts';
import { type Definition, findDefinition, lockWorkflow } from '../../definitions/store.ts';
import type { RunRow } from '../run.ts';
import { markDispatched } from '../store.ts';
import { cancelQueuedRun, countRoom, listWaitingForRoom, oldestOpen, workflowsWaiting } from './store.ts';

/** Where the jobs of runs wait: those that wait for others must not take the places of all other jobs. */
export const runQueue = 'workflows';

export interface RoomNeeds {
  readonly jobs: Pick<JobEngine, 'enqueue'>;
  /** Seconds that a run may take in all. */
  readonly maxRunS: number;
}

/** Whether another run may begin now, by the definition's `concurrency`. Call it under `lockWorkflow`. */
export async function roomFor(tx: Db, definition: Definition, needs: RoomNeeds) {
  const { name, envelope } = definition;
  const limit = envelope.concurrency;
  const { open, queued } = await countRoom(tx, name);
  const full = limit !== undefined && open + queued >= limit.runs;
  return {
    open,
    queued,
    refused: full && limit.when_full === 'refuse',
    /** Enqueues the run, or has it wait. */
    async enter(run: RunRow): Promise<void> {
      if (!full) return dispatch(tx, run, needs);
      if (limit.when_full === 'cancel_oldest') await cancelOldest(tx, run);
    },
  };
}

/** Enqueues the job of a run. */
async function dispatch(tx: Db, run: RunRow, { jobs, maxRunS }: RoomNeeds): Promise<void> {
  await jobs.enqueue(tx, {
    id: run.job_id,
    kind: 'workflows.run',
    authority: { ...run.authority, principalId: run.owner },
    input: { run_id: run.id },
    metadata: { run_id: run.id, workflow: run.workflow, version: run.version },
    timeoutS: maxRunS,
    queue: runQueue,
  });
  await markDispatched(tx, run.id);
}

/** Makes room for a run: the oldest one that is under way, or waits, is asked to stop. The new one begins when it has. */
async function cancelOldest(tx: Db, run: RunRow): Promise<void> {
  const oldest = await oldestOpen(tx, run.workflow, run.id);
  if (!oldest) return;
  if (oldest.dispatched_at) await requestCancel(tx, oldest.job_id, `superseded by ${run.id}`);
  else await cancelQueuedRun(tx, oldest.id, `superseded by ${run.id}`);
}

/** Lets runs begin that waited for room; answers how many did. `begin` runs its argument in a transaction of its own. */
export async function fillRoom(
  db: Db,
  begin: <T>(work: (tx: Db) => Promise<T>) => Promise<T>,
  needs: RoomNeeds,
): Promise<number> {
  let begun = 0;
  for (const workflow of await workflowsWaiting(db)) {
    begun += await begin(async (tx) => {
      await lockWorkflow(tx, workflow);
      const definition = await findDefinition(tx, workflow);
      const { open } = await countRoom(tx, workflow);
      // A limit that is gone, with its definition or without, holds nobody up.
      const free = (definition?.envelope.concurrency?.runs ?? Number.MAX_SAFE_INTEGER) - open;
      const runs = free > 0 ? await listWaitingForRoom(tx, workflow, Math.min(free, 100)) : [];
      for (const run of runs) await dispatch(tx, run, needs);
      return runs.length;
    });
  }
  return begun;
}
