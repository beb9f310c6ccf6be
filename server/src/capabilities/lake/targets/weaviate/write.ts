import { setTimeout as sleep } from 'node:timers/promises';
import type { Collection } from 'weaviate-client';
import { AppError, untrusted } from '../../../../core/errors.ts';
import { inParallel } from '../../../../core/in-parallel.ts';
import { where, withIds } from './filters.ts';
import { readPages } from './read.ts';
import { objectId, type StoredRow } from './rows.ts';

/** A row that Weaviate did not take, and what it said. */
export interface Refused {
  readonly row: StoredRow;
  readonly message: string;
}

/** The client needs a millisecond a row and at least half a second a call: so many calls at once, each of so many rows. */
const BATCH_ROWS = 250;
const WIDTH = 8;
const BATCH_BYTES = 8 * 2 ** 20;
const TRIES = 3;
const WAIT_MS = 250;

/** Puts rows in, over those with the same id; answers those that are refused again and again. */
export async function putRows(collection: Collection, rows: readonly StoredRow[], signal: AbortSignal) {
  const refused = await inParallel(batchesOf(rows), WIDTH, (batch) => putBatch(collection, batch, signal));
  return refused.flat();
}

async function putBatch(
  collection: Collection,
  batch: readonly StoredRow[],
  signal: AbortSignal,
): Promise<readonly Refused[]> {
  let left: readonly StoredRow[] = batch;
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    const { errors } = await collection.data.insertMany(left as StoredRow[]);
    const refused = Object.entries(errors).map(([at, { message }]) => ({
      row: left[Number(at)] as StoredRow,
      message,
    }));
    if (refused.length === 0 || attempt === TRIES) {
      // Where it takes not one of many, it is not the rows.
      if (refused.length > 1 && refused.length === batch.length) throw nothingTaken(refused[0]?.message ?? '');
      return refused;
    }
    left = refused.map(({ row }) => row);
    await sleep(WAIT_MS * attempt, undefined, { signal });
  }
}

/** The rows without those whose ids are there already, from objects that come later. */
export async function notOverridden(
  collection: Collection,
  rows: readonly StoredRow[],
  signal: AbortSignal,
): Promise<StoredRow[]> {
  const there = new Map<string, string>();
  await inParallel(batchesOf(rows), WIDTH, async (batch) => {
    const filters = withIds(batch.map(({ id }) => id));
    const { objects } = await collection.query.fetchObjects(
      { filters, limit: batch.length, returnProperties: ['object_key'] },
      { abortSignal: signal },
    );
    for (const { uuid, properties } of objects) there.set(uuid, String(properties.object_key));
  });
  return rows.filter(({ id, properties }) => {
    const other = there.get(id);
    return other === undefined || Buffer.compare(Buffer.from(String(properties.object_key)), Buffer.from(other)) >= 0;
  });
}

/** Removes the rows of these objects; each call removes as many as the instance allows one call. */
export async function removeRows(collection: Collection, keys: readonly string[], signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const found = await collection.data.deleteMany(where('object_id', 'ContainsAny', keys.map(objectId)));
    if (found.matches === 0) return;
    if (found.successful === 0) throw nothingTaken(`${found.failed} rows could not be deleted`);
  }
}

/** Copies all rows with their vectors; false when some were refused. */
export async function copyRows(
  from: Collection,
  to: Collection,
  vectors: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  for await (const page of readPages(from, { vectors }, signal)) {
    const rows = page.map(({ uuid, properties, vectors }) => ({
      id: uuid,
      properties: Object.fromEntries(
        Object.entries(properties).filter(([, value]) => value !== undefined && value !== null),
      ),
      ...(Object.keys(vectors).length > 0 && { vectors }),
    }));
    if ((await putRows(to, rows as StoredRow[], signal)).length > 0) return false;
  }
  return true;
}

function batchesOf(rows: readonly StoredRow[]): StoredRow[][] {
  const batches: StoredRow[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    const size = bytesOf(row);
    const batch = batches.at(-1);
    if (batch && batch.length < BATCH_ROWS && bytes + size <= BATCH_BYTES) {
      batch.push(row);
      bytes += size;
    } else {
      batches.push([row]);
      bytes = size;
    }
  }
  return batches;
}

function bytesOf({ properties, vectors }: StoredRow): number {
  const texts = Object.values(properties).reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : 8),
    0,
  );
  return texts + 4 * (vectors?.main.length ?? 0);
}

function nothingTaken(message: string): AppError {
  return new AppError(
    'ENGINE_FAILED',
    'Weaviate took nothing of what was sent.',
    'Read the details for what it said, and ask the operator to look after the instance.',
    { instance: untrusted('weaviate', message, 500) },
  );
}
