import type { Db } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { inParallel } from '../in-parallel.ts';
import { largerThanAllowed, stagedGone } from './failures.ts';
import type { ObjectStore } from './object-store.ts';
import { listArrived, listOutstanding, markIdentified, markReceived } from './store.ts';

const askedAtOnce = 16;
const readAtOnce = 4;

/** Looks what arrived for a holder past us, and notes it. Nothing to do where bytes pass through us. */
export async function noteArrivals(db: Db, objects: ObjectStore, holder: string): Promise<void> {
  if (objects.kind !== 'disk') await note(db, objects, await listOutstanding(db, { holder }));
}

/** The same for all uploads whose URL expired before a time, so that what is then still outstanding never came. */
export async function noteLateArrivals(db: Db, objects: ObjectStore, expiredBefore: Date): Promise<void> {
  if (objects.kind !== 'disk') await note(db, objects, await listOutstanding(db, { expiredBefore }));
}

/**
 * Reads what arrived for a holder past us, once, so that a commit can name it by its hash: no store is believed about what
 * it holds. Throws PAYLOAD_TOO_LARGE for an object above the limit, which a URL without a size cannot enforce there.
 */
export async function identifyArrivals(db: Db, objects: ObjectStore, holder: string, maxBytes: number): Promise<void> {
  await noteArrivals(db, objects, holder);
  const unknown = (await listArrived(db, holder)).filter((upload) => upload.sha256 === null);
  const large = unknown.find((upload) => upload.size > maxBytes);
  if (large) throw largerThanAllowed(large.size, maxBytes, { object_key: large.object_key });
  const identified = await inParallel(unknown, readAtOnce, async ({ id, object_key, staging_key: key }) => {
    try {
      const { stagingKey: _, ...bytes } = await objects.identify(key);
      return { id, bytes };
    } catch (error) {
      throw error instanceof AppError && error.code === 'NOT_FOUND' ? stagedGone({ object_key }) : error;
    }
  });
  for (const { id, bytes } of identified) await markIdentified(db, id, bytes);
}

async function note(db: Db, objects: ObjectStore, ids: readonly string[]): Promise<void> {
  const found = await inParallel(ids, askedAtOnce, async (id) => ({ id, arrived: await objects.arrived(id) }));
  for (const { id, arrived } of found) {
    if (!arrived) continue;
    const { stagingKey: staging_key, size, etag, receivedAt: received_at } = arrived;
    await markReceived(db, id, { staging_key, size, etag, received_at });
  }
}
