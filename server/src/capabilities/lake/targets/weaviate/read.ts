import type { Collection } from 'weaviate-client';
import { createChecksum } from '../../engine/checksum.ts';
import type { Expected } from '../../jobs/target.ts';
import { isTooLarge } from './refusal.ts';
import { VECTOR } from './rows.ts';

const PAGE_ROWS = 2000;
const PAGE_VECTORS = 1000;
const beforeAll = '00000000-0000-0000-0000-000000000000';

/**
 * All rows in pages, in the order of their ids. The client's own iterator asks for a hundred rows for each one that it
 * hands out. A page that is larger than a message may be is asked for in smaller ones.
 */
export async function* readPages(
  collection: Collection,
  { properties, vectors }: { readonly properties?: readonly string[]; readonly vectors: boolean },
  signal: AbortSignal,
) {
  let limit = vectors ? PAGE_VECTORS : PAGE_ROWS;
  for (let after = beforeAll; ; ) {
    try {
      const { objects } = await collection.query.fetchObjects(
        {
          limit,
          after,
          ...(properties && { returnProperties: properties as string[] }),
          ...(vectors && { includeVector: [VECTOR] }),
        },
        { abortSignal: signal },
      );
      const last = objects.at(-1);
      if (!last) return;
      yield objects;
      after = last.uuid;
    } catch (error) {
      if (!isTooLarge(error) || limit === 1) throw error;
      limit = Math.ceil(limit / 4);
    }
  }
}

/** Counts the rows, and with the checksum reads all of them. */
export async function stateOf(collection: Collection, withChecksum: boolean, signal: AbortSignal): Promise<Expected> {
  if (!withChecksum) return { rows: await collection.length() };
  const checksum = createChecksum();
  let rows = 0;
  const properties = ['row_id', 'object_hash', 'ordinal'];
  for await (const page of readPages(collection, { properties, vectors: false }, signal)) {
    for (const { properties } of page) {
      const { row_id, object_hash, ordinal } = properties;
      checksum.add(String(row_id), BigInt(String(object_hash)), Number(ordinal));
    }
    rows += page.length;
  }
  return { rows, checksum: checksum.value() };
}
