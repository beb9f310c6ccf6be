import type { Collection, FilterValue } from 'weaviate-client';
import type { EngineColumn } from '../../engine/protocol.ts';
import { byScore, CANDIDATES, fuse, type Ranked } from '../../engine/rank-fusion.ts';
import type { Found, Search } from '../../jobs/target.ts';
import { toWeaviateFilter, withIds } from './filters.ts';
import { toItem, VECTOR } from './rows.ts';

interface Hit extends Ranked {
  readonly uuid: string;
}

/** So many hits an instance hands out at most, by default (QUERY_MAXIMUM_RESULTS). */
const MOST = 10_000;
/** A search waits for less than the client's own retries would take. */
const timeoutMs = 15_000;

/** Rows by words (BM25), by what is nearest to a vector, or both together; without words those of the filter by id. */
export async function searchRows(
  collection: Collection,
  search: Search,
  vector: Float32Array | undefined,
  signal: AbortSignal,
): Promise<Found> {
  const { columns } = search.index;
  const { limit, offset, mode, query } = search;
  if (offset >= MOST) return { items: [], more: false };
  const filters = toWeaviateFilter(search.filter ?? {}, columns);
  const within = { collection, filters, signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) };
  const wanted = Math.min(MOST, offset + limit + 1);
  const worded = query.trim() !== '';
  let hits: Hit[];
  if ((mode === 'text' || !vector) && !worded) hits = await byId(within, offset, wanted - offset);
  else if (mode === 'text' || !vector) hits = (await byWords(within, query, wanted)).slice(offset);
  else {
    const most = Math.max(CANDIDATES, wanted);
    hits = await byVector(within, vector, most);
    if (mode === 'hybrid' && worded) hits = fuse([await byWords(within, query, most), hits]);
    hits = hits.slice(offset);
  }
  const page = hits.slice(0, limit);
  return { items: await load(within, columns, page), more: hits.length > limit };
}

interface Within {
  readonly collection: Collection;
  readonly filters: FilterValue | undefined;
  readonly signal: AbortSignal;
}

async function byId({ collection, filters, signal }: Within, offset: number, limit: number): Promise<Hit[]> {
  const sort = collection.sort.byProperty('row_key' as never);
  const { objects } = await collection.query.fetchObjects(
    { limit, offset, sort, returnProperties: ['row_id'], ...(filters && { filters }) },
    { abortSignal: signal },
  );
  return objects.map(({ uuid, properties }) => ({ uuid, id: String(properties.row_id), score: 0 }));
}

/** Ties come in any order, so as many hits are asked for as it takes to see the last one of the page whole. */
async function byWords({ collection, filters, signal }: Within, query: string, wanted: number): Promise<Hit[]> {
  for (let ask = Math.min(MOST, wanted + 100); ; ask = Math.min(MOST, ask * 32)) {
    const { objects } = await collection.query.bm25(
      query,
      {
        limit: ask,
        queryProperties: ['text'],
        returnProperties: ['row_id'],
        returnMetadata: ['score'],
        ...(filters && { filters }),
      },
      { abortSignal: signal },
    );
    const hits = objects
      .map(({ uuid, properties, metadata }) => ({
        uuid,
        id: String(properties.row_id),
        score: metadata?.score ?? 0,
      }))
      .sort(byScore);
    const last = hits.at(-1);
    const whole = last && hits[wanted - 1] && last.score < (hits[wanted - 1] as Hit).score;
    if (hits.length < ask || ask === MOST || whole) return hits.slice(0, wanted);
  }
}

async function byVector({ collection, filters, signal }: Within, vector: Float32Array, limit: number): Promise<Hit[]> {
  const { objects } = await collection.query.nearVector(
    Array.from(vector),
    {
      limit: Math.min(MOST, limit),
      targetVector: VECTOR,
      returnProperties: ['row_id'],
      returnMetadata: ['distance'],
      ...(filters && { filters }),
    },
    { abortSignal: signal },
  );
  return objects
    .map(({ uuid, properties, metadata }) => ({
      uuid,
      id: String(properties.row_id),
      score: 1 - (metadata?.distance ?? 1),
    }))
    .sort(byScore);
}

async function load({ collection, signal }: Within, columns: readonly EngineColumn[], page: readonly Hit[]) {
  if (page.length === 0) return [];
  const { objects } = await collection.query.fetchObjects(
    { limit: page.length, filters: withIds(page.map(({ uuid }) => uuid)) },
    { abortSignal: signal },
  );
  const rows = new Map(objects.map(({ uuid, properties }) => [uuid as string, properties]));
  return page.flatMap(({ uuid, score }) => {
    const properties = rows.get(uuid);
    return properties ? [toItem(columns, properties as Record<string, unknown>, score)] : [];
  });
}
