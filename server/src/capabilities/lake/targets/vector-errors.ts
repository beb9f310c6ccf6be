import { AppError } from '../../../core/errors.ts';

/** What a target says of a search by vectors in an index whose rows have none. */
export function noVectors(): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    'This index holds no vectors.',
    'Use mode text, or call start_ingest with options.embedder first.',
  );
}

/** What a target says when vectors of two models would have to be compared. */
export function otherModel(name: string): AppError {
  return new AppError(
    'CONFLICT',
    `The embedder ${name} is another one by now than when the index was built.`,
    'Call reindex, which embeds all of it anew; mode text works meanwhile.',
  );
}
