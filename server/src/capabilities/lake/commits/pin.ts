import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import { inParallel } from '../../../core/in-parallel.ts';
import { largerThanAllowed, stagedGone } from '../../../core/objects/failures.ts';
import { keepFromCollector } from '../../../core/objects/holds/store.ts';
import type { ObjectStore, StagedObject } from '../../../core/objects/object-store.ts';
import type { Place } from '../in-place.ts';
import { markPinned, type PlannedRow } from './store.ts';

const atOnce = 8;

/** Planned bytes of which each one was read. */
export interface ReadPlan {
  readonly key: string;
  readonly staged: StagedObject;
  readonly last_modified: string;
  /** The staged copy is of this commit alone. */
  readonly ours: boolean;
}

/** Reads what is planned, as far as nobody has: what was staged past us, and the files of a place, which it copies. */
export function readPlanned(
  rows: readonly PlannedRow[],
  objects: ObjectStore,
  maxBytes: number,
  place?: Place,
  signal?: AbortSignal,
): Promise<ReadPlan[]> {
  const wanted = rows.filter((row) => !row.removed && !row.pinned);
  return inParallel(wanted, atOnce, async (row) => {
    const { key, size, last_modified } = row;
    signal?.throwIfAborted();
    if (size !== null && size > maxBytes) throw largerThanAllowed(size, maxBytes, { object_key: key });
    if (place) return { key, ours: true, ...(await place.copy(key, objects)) };
    const staged = stagedOf(row) ?? (await identify(row, objects));
    return { key, staged, last_modified: (last_modified ?? new Date()).toISOString(), ours: false };
  });
}

/** Pins it and writes that down: from then on nothing that others do to the staged bytes matters. */
export async function pinRead(
  tx: Db,
  commitId: string,
  read: readonly ReadPlan[],
  objects: ObjectStore,
): Promise<void> {
  await keepFromCollector(tx);
  const different = new Map(read.map(({ staged }) => [staged.sha256, staged]));
  await inParallel([...different.values()], atOnce, (staged) => objects.pin(staged));
  const pinned = read.map(({ key, staged: { size, sha256, etag }, last_modified }) => ({
    key,
    size,
    sha256,
    etag,
    last_modified,
  }));
  await markPinned(tx, commitId, pinned);
}

/** Forgets the copies that were made only to be pinned. */
export async function discardCopies(read: readonly ReadPlan[], objects: ObjectStore): Promise<void> {
  await inParallel(
    read.filter((one) => one.ours),
    atOnce,
    ({ staged }) => objects.discard(staged.stagingKey),
  );
}

function stagedOf({ staging_key, size, sha256, etag }: PlannedRow): StagedObject | undefined {
  if (staging_key === null || size === null || sha256 === null || etag === null) return undefined;
  return { stagingKey: staging_key, size, sha256, etag };
}

async function identify({ key, staging_key }: PlannedRow, objects: ObjectStore): Promise<StagedObject> {
  try {
    return await objects.identify(staging_key ?? '');
  } catch (error) {
    throw error instanceof AppError && error.code === 'NOT_FOUND' ? stagedGone({ object_key: key }) : error;
  }
}
