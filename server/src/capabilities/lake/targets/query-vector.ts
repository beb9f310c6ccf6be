import { AppError } from '../../../core/errors.ts';
import type { Embedder } from '../embedder/embedder.ts';
import type { Build, Search } from '../jobs/target.ts';
import { noVectors, otherModel } from './vector-errors.ts';

/** The vectors of an index: what they may be compared with, and how many numbers each has. */
export interface VectorSpace {
  readonly space: string;
  readonly dimensions: number;
}

/** The vectors that a build will have: of an embedder, or those that its data brings; undefined where it has none. */
export function spaceOf(embedder: Embedder | undefined, { dimensions }: Build): VectorSpace | undefined {
  if (embedder) return { space: embedder.space, dimensions: embedder.dimensions };
  return dimensions === undefined ? undefined : { space: `data:${dimensions}`, dimensions };
}

/** Refuses vectors from two sources. */
export function checkVectors(mapping: Build['mapping'], options: Build['options']): void {
  if (mapping.vector === undefined || options.embedder === undefined) return;
  throw new AppError(
    'VALIDATION_FAILED',
    'The vectors of an index come from the data or from an embedder, not from both.',
    'Leave mapping.vector or options.embedder out.',
  );
}

/**
 * What a search by vectors looks near to: the caller's own, or what the embedder makes of the query; undefined for a query
 * without words. Fails where the index has no vectors, and where they came with the data and the caller gives none.
 */
export async function queryVector(
  { query, vector }: Pick<Search, 'query' | 'vector'>,
  embedder: Embedder | undefined,
  index: Partial<VectorSpace>,
  signal: AbortSignal,
): Promise<Float32Array | undefined> {
  if (index.space === undefined) throw noVectors();
  if (vector) return given(vector, index.dimensions ?? embedder?.dimensions);
  if (!embedder) throw ofTheData(index.dimensions);
  if (embedder.space !== index.space) throw otherModel(embedder.name);
  return query.trim() === '' ? undefined : embedder.embedQuery(query, signal);
}

function given(vector: readonly number[], dimensions: number | undefined): Float32Array {
  const numbers = Float32Array.from(vector);
  const norm = Math.fround(numbers.reduce((sum, value) => sum + value ** 2, 0));
  if (numbers.length === dimensions && norm > 0 && norm < Number.POSITIVE_INFINITY) return numbers;
  throw new AppError(
    'VALIDATION_FAILED',
    numbers.length === dimensions
      ? 'This vector has no direction: its numbers are all 0, or too large.'
      : `The vectors of this index have ${dimensions} numbers, not ${numbers.length}.`,
    'Give a vector of the model that made those of the index.',
  );
}

function ofTheData(dimensions: number | undefined): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    'The vectors of this index came with the data: nothing here turns words into one.',
    `Give the parameter vector, ${dimensions} numbers of the model that made them, or use mode text.`,
  );
}
