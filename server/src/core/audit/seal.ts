import { type Db, inTransaction } from '../db/database.ts';
import { entryHash, genesis } from './entry.ts';
import type { Head, HeadKey } from './head-key.ts';
import {
  deleteEntries,
  deleteHeads,
  findCheckpoint,
  findEnd,
  findHeadBefore,
  findUnsealed,
  insertHead,
  lockSealing,
  markCheckpoint,
  putSeals,
  trySealing,
} from './store.ts';

/** Small enough that hashing one batch holds nothing else up for more than a few milliseconds. */
const batchSize = 500;

/**
 * Seals one batch: gives entries their places, chains their hashes, signs the new head, all in one transaction. Answers the
 * head; undefined when there was nothing to seal, or another process is at it.
 */
export function sealBatch(db: Db, key: HeadKey, limit = batchSize): Promise<Head | undefined> {
  return inTransaction(db, async (tx) => {
    if (!(await trySealing(tx))) return undefined;
    const entries = await findUnsealed(tx, limit);
    if (entries.length === 0) return undefined;
    let { seq, hash } = (await findEnd(tx)) ?? { seq: 0, hash: genesis };
    const seals = entries.map((entry) => {
      seq += 1;
      hash = entryHash(hash, seq, entry);
      return { id: entry.id, seq, hash };
    });
    await putSeals(tx, seals);
    const head = key.signHead({ seq, hash, count: seals.length, time: microTime(new Date()) });
    await insertHead(tx, head);
    return head;
  });
}

/**
 * Removes sealed entries from before a time. A head older than that is signed as the new start first, so that the rest of
 * the chain verifies at any moment in between. Answers how many entries went.
 */
export async function forgetEntries(db: Db, key: HeadKey, before: Date): Promise<number> {
  const start = await inTransaction(db, async (tx) => {
    await lockSealing(tx);
    const head = await findHeadBefore(tx, before);
    if (head && head.checkpoint === null) await markCheckpoint(tx, head.seq, key.signCheckpoint(head));
    return head?.seq ?? (await findCheckpoint(tx))?.seq;
  });
  if (start === undefined) return 0;
  let removed = 0;
  for (let count = -1; count !== 0; removed += count) count = await deleteEntries(db, start, 5000);
  await deleteHeads(db, start);
  return removed;
}

/** The time as the database tells it: in microseconds. */
function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}
