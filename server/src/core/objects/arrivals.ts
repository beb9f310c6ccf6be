import type { Db } from '../db/database.ts';
import { inParallel } from '../in-parallel.ts';
import type { ObjectStore } from './object-store.ts';
import { listOutstanding, markReceived } from './store.ts';

const askedAtOnce = 16;

/** Looks what arrived for a holder past us, and notes it. Nothing to do where bytes pass through us. */
export async function noteArrivals(db: Db, objects: ObjectStore, holder: string): Promise<void> {
  if (objects.kind !== 'disk') await note(db, objects, await listOutstanding(db, { holder }));
}

/** The same for all uploads whose URL expired before a time, so that what is then still outstanding never came. */
export async function noteLateArrivals(db: Db, objects: ObjectStore, expiredBefore: Date): Promise<void> {
  if (objects.kind !== 'disk') await note(db, objects, await listOutstanding(db, { expiredBefore }));
}

async function note(db: Db, objects: ObjectStore, ids: readonly string[]): Promise<void> {
  const found = await inParallel(ids, askedAtOnce, async (id) => ({ id, arrived: await objects.arrived(id) }));
  for (const { id, arrived } of found) {
    if (!arrived) continue;
    const { stagingKey: staging_key, size, etag, receivedAt: received_at } = arrived;
    await markReceived(db, id, { staging_key, size, etag, received_at });
  }
}
