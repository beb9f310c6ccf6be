import type { Table, VectorQuery } from '@lancedb/lancedb';
import type { SearchInput } from './protocol.ts';
import { byScore, CANDIDATES, fuse } from './rank-fusion.ts';
import { type Hit, toHits } from './search-hits.ts';

/** Of an index of vectors, so many parts are looked into, and so many times the wanted rows compared exactly. */
const PROBES = 32;
const REFINE = 5;

/** The rows whose vectors are nearest by cosine; the score is the similarity, 1 for the same direction. */
export async function nearest(table: Table, where: string, input: SearchInput): Promise<Hit[]> {
  const hits = await ranked(table, where, input, Math.max(CANDIDATES, input.offset + input.limit + 1));
  return hits.slice(input.offset, input.offset + input.limit + 1);
}

/** The rankings by words and by vectors as one. */
export async function fused(
  table: Table,
  where: string,
  input: SearchInput,
  byWords: (limit: number) => Promise<Hit[]>,
): Promise<Hit[]> {
  const wanted = Math.max(CANDIDATES, input.offset + input.limit + 1);
  const lists = [await byWords(wanted), await ranked(table, where, input, wanted)];
  return fuse(lists).slice(input.offset, input.offset + input.limit + 1);
}

async function ranked(table: Table, where: string, input: SearchInput, limit: number): Promise<Hit[]> {
  const query = vectorQuery(table, where, input.vector ?? new Float32Array());
  return toHits(await query.limit(limit).toArrow()).sort(byScore);
}

/** The rows that are near to a vector, as the engine is asked for them. */
export function vectorQuery(table: Table, where: string, vector: Float32Array): VectorQuery {
  const query = (table.query().nearestTo(vector) as VectorQuery)
    .distanceType('cosine')
    .nprobes(PROBES)
    .refineFactor(REFINE)
    .select(['id', '_distance'])
    .withRowId();
  return query.where(where === '' ? 'vector IS NOT NULL' : `vector IS NOT NULL AND ${where}`);
}
