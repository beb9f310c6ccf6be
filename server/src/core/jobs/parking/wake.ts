import { DBOS } from '@dbos-inc/dbos-sdk';
import { type Db, inTransaction } from '../../db/database.ts';
import { sharedQueue } from '../queues.ts';
import { findDue, holdDue } from './store.ts';

const atOnce = 200;

/**
 * Puts the jobs whose wait is over back into their queues; answers these. A job stays `waiting` until a process begins it: to
 * cancel it then still has its handler run, to leave things in order.
 */
export async function wakeDue(db: Db): Promise<ReadonlySet<string>> {
  const queues = new Set<string>();
  for (const id of await findDue(db, atOnce)) {
    const queue = await inTransaction(db, async (tx) => {
      // Held until the engine has it again: no other process tries meanwhile.
      const held = await holdDue(tx, id);
      if (!held) return undefined;
      await DBOS.rewindWorkflow(id, { startStep: 0, queueName: held.queue ?? sharedQueue });
      return held.queue ?? sharedQueue;
    });
    if (queue !== undefined) queues.add(queue);
  }
  return queues;
}
