import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import { keepFromCollector } from '../../../core/objects/holds/store.ts';
import { noVersion } from '../errors.ts';
import { currentManifest } from '../objects.ts';
import { advanceDataset, type DatasetRow } from '../store.ts';
import { manifestIdOf, overlay } from '../versions/manifest.ts';
import { eachManifestObject, findManifest, findVersion, insertManifest, insertVersion } from '../versions/store.ts';
import { type CommitRow, eachChange, takeCommitted, updateCommit } from './store.ts';

/** The id of what a commit comes to on top of `base`. */
export function manifestOf(db: Db, commitId: string, base: string | undefined): Promise<string> {
  const before = base === undefined ? none() : eachManifestObject(db, base);
  return manifestIdOf(overlay(before, eachChange(db, commitId)));
}

/** Keeps the manifest of that id; the commit's bytes must be pinned. */
export async function keepManifest(tx: Db, commitId: string, base: string | undefined, id: string): Promise<void> {
  await keepFromCollector(tx);
  await insertManifest(tx, { id, base, commitId });
  await updateCommit(tx, commitId, { manifest_id: id });
}

/**
 * Makes a manifest the version that the commit is to be, and that version the current one. Throws VERSION_CONFLICT when the
 * name has other content. The dataset must be locked.
 */
export async function publishVersion(
  tx: Db,
  row: DatasetRow,
  commit: Pick<CommitRow, 'id' | 'version' | 'metadata' | 'job_id'>,
  manifestId: string,
): Promise<DatasetRow> {
  const existing = await findVersion(tx, row.id, commit.version);
  // An older version of the same content stays old: to answer it here would drop what is staged.
  if (existing && !(existing.manifest_id === manifestId && row.version === commit.version)) {
    throw versionTaken(commit.version);
  }
  const manifest = await findManifest(tx, manifestId);
  if (!manifest) throw new Error(`manifest ${manifestId} is gone`);
  if (row.version === null && manifest.object_count === 0) throw noVersion(row.id);
  await takeCommitted(tx, commit.id, row.id);
  if (existing) return row;
  const { version, metadata, job_id } = commit;
  const { bytes } = manifest;
  const { id: dataset_id, version: parent } = row;
  await insertVersion(tx, { dataset_id, version, manifest_id: manifestId, parent, bytes, metadata, job_id });
  return advanceDataset(tx, row.id, { version, bytes });
}

/** On what a commit builds: the current version, or nothing where all of a place is read each time. */
export async function baseOf(db: Db, row: DatasetRow): Promise<string | undefined> {
  return row.uri.startsWith('tutti://') ? currentManifest(db, row) : undefined;
}

export function versionTaken(version: string): AppError {
  return new AppError(
    'VERSION_CONFLICT',
    'This version is there already and is not the current content. Versions never change.',
    'Commit under a new version name; what is staged stays staged.',
    { version },
  );
}

async function* none(): AsyncGenerator<never> {}
