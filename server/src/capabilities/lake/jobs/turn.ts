import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, inTransaction } from '../../../core/db/database.ts';
import { claimTurn } from '../builders/store.ts';
import { noDataset } from '../errors.ts';
import { lockDataset } from '../store.ts';

const askEveryMs = 250;

/** Waits until no other job builds an index of this dataset and target; repeatable. Ended jobs give their turn back by ending. */
export async function waitForTurn(
  db: Db,
  of: { readonly dataset_id: string; readonly target: string },
  jobId: string,
  signal: AbortSignal,
): Promise<void> {
  const claim = () =>
    inTransaction(db, async (tx) => {
      if (!(await lockDataset(tx, of.dataset_id))) throw noDataset(of.dataset_id);
      return claimTurn(tx, of.dataset_id, of.target, jobId);
    });
  while (!(await claim())) await sleep(askEveryMs, undefined, { signal });
}
