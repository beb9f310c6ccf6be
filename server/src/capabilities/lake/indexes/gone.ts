import { AppError } from '../../../core/errors.ts';

/** What a target says of an index that is not where it was put: somebody removed it, or a restore did not bring it back. */
export function indexGone(id: string): AppError {
  return new AppError(
    'INDEX_GONE',
    'This index is not where it was put any more.',
    'Build it anew with reindex; where a policy is on it comes back by itself, see targets of get_dataset.',
    { index_id: id },
  );
}

/** The index that an error says is gone. */
export function goneIndex(error: unknown): string | undefined {
  if (!(error instanceof AppError) || error.code !== 'INDEX_GONE') return undefined;
  return (error.details as { index_id?: string } | undefined)?.index_id;
}
