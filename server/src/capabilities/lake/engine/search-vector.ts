import type { Table, VectorQuery } from '@lancedb/lancedb';
import type { SearchInput } from './protocol.ts';
import { byScore, type Hit, toHits } from './search-hits.ts';

/** Candidates of each of two rankings that are put together: what stands behind them is not found by both. */
const CANDIDATES = 1000;
/** The constant of reciprocal rank fusion (Cormack et al., 2009). */
const RRF_K = 60;
/** Of an index of vectors, so many parts are looked into, and so many times the wanted rows compared exactly. */
const PROBES = 32;
const REFINE = 5;

/** The rows whose vectors are nearest by cosine; the score is the similarity, 1 for the same direction. */
export async function nearest(table: Table, where: string, input: SearchInput): Promise<Hit[]> {
  const hits = await ranked(table, where, input, Math.max(CANDIDATES, input.offset + input.limit + 1));
  return hits.slice(input.offset, input.offset + input.limit + 1);
}

/** Both rankings as one: a row's score is the sum of 1 / (60 + place) over those that found it. */
export async function fused(
  table: Table,
  where: string,
  input: SearchInput,
  byWords: (limit: number) => Promise<Hit[]>,
): Promise<Hit[]> {
  const wanted = Math.max(CANDIDATES, input.offset + input.limit + 1);
  const lists = [await byWords(wanted), await ranked(table, where, input, wanted)];
  const scores = new Map<string, Hit>();
  for (const hits of lists) {
    for (const [at, { id, rowid }] of hits.entries()) {
      const score = (scores.get(id)?.score ?? 0) + 1 / (RRF_K + at + 1);
      scores.set(id, { id, rowid, score });
    }
  }
  return [...scores.values()].sort(byScore).slice(input.offset, input.offset + input.limit + 1);
}

async function ranked(table: Table, where: string, input: SearchInput, limit: number): Promise<Hit[]> {
  const query = (table.query().nearestTo(Float32Array.from(input.vector ?? [])) as VectorQuery)
    .distanceType('cosine')
    .nprobes(PROBES)
    .refineFactor(REFINE)
    .select(['id', '_distance'])
    .withRowId();
  query.where(where === '' ? 'vector IS NOT NULL' : `vector IS NOT NULL AND ${where}`);
  return toHits(await query.limit(limit).toArrow()).sort(byScore);
}
