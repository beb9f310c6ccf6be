import { AppError, type ErrorRow } from '../../core/errors.ts';
import { engineErrors } from './engine/protocol.ts';

const row = (http: number, exit: number): ErrorRow => ({ http, exit, retryable: false });

export const lakeErrors: Readonly<Record<string, ErrorRow>> = {
  ...engineErrors,
  URI_NOT_ALLOWED: row(422, 2),
  NOT_MANAGED: row(409, 5),
  NOTHING_STAGED: row(409, 5),
  VERSION_CONFLICT: row(409, 5),
  VERSION_IN_USE: row(409, 5),
  DATASET_IN_USE: row(409, 5),
  OBJECT_CHANGED: row(409, 5),
  TARGET_NOT_AVAILABLE: row(422, 2),
  NOT_SERVED: row(409, 5),
  INDEX_GONE: row(409, 5),
  INDEX_BUILDING: { http: 503, exit: 6, retryable: true },
  VERIFICATION_FAILED: row(409, 5),
  NO_READABLE_OBJECTS: row(422, 2),
  EMBEDDER_REFUSED: row(502, 1),
  QUERY_FAILED: row(422, 1),
  QUERY_TIMED_OUT: row(422, 7),
  QUERY_TOO_LARGE: row(422, 7),
  TABLES_BUILDING: { http: 503, exit: 6, retryable: true },
};

export function noDataset(id: string): AppError {
  return new AppError(
    'NOT_FOUND',
    'There is no such dataset.',
    'Find it with list_datasets, or make it with register_dataset.',
    {
      dataset_id: id,
    },
  );
}

export function unknownVersion(version: string): AppError {
  return new AppError(
    'NOT_FOUND',
    'This dataset has no such version.',
    'Leave the version out for the current one, or see list_versions.',
    {
      version,
    },
  );
}

export function noVersion(id: string): AppError {
  return new AppError(
    'NOTHING_STAGED',
    'This dataset has no committed version yet.',
    'Upload objects with create_presigned_upload, then call commit_dataset_version.',
    { dataset_id: id },
  );
}

export function notManaged(): AppError {
  return new AppError(
    'NOT_MANAGED',
    'This dataset is read in place: its objects are not changed through here.',
    'Change the files in its place and call commit_dataset_version, or register a tutti:// dataset.',
  );
}
