import type { Db } from '../../core/db/database.ts';
import { AppError } from '../../core/errors.ts';
import type { LocalFile, ObjectStore } from '../../core/objects/object-store.ts';
import { type ArrivedUpload, listArrived } from '../../core/objects/store.ts';
import { isRemoved } from './commits/store.ts';
import type { ManifestObject } from './contract.ts';
import { noDataset, noVersion, unknownVersion } from './errors.ts';
import { type DatasetRow, findDataset, findDatasetAt } from './store.ts';
import { compareKeys } from './versions/manifest.ts';
import {
  findManifestObject,
  findVersion,
  listManifestObjects,
  type ObjectRange,
  type VersionRow,
} from './versions/store.ts';

export interface ListedObject extends Omit<ManifestObject, 'sha256'> {
  /** Null until a commit has read what an object store took without us. */
  readonly sha256: string | null;
  readonly etag: string;
  /** Uploaded, but in no version yet. */
  readonly staged: boolean;
}

/** The dataset, or NOT_FOUND. Datasets are a catalogue: whoever may read the lake sees them all. */
export async function dataset(db: Db, id: string): Promise<DatasetRow> {
  const row = await findDataset(db, id);
  if (!row) throw noDataset(id);
  return row;
}

/** Objects as a commit would pin them now: those of the current version, with what is staged over them; sorted by key. */
export async function listCurrentObjects(db: Db, datasetId: string, range: ObjectRange): Promise<ListedObject[]> {
  // In this order, so that a commit in between hides nothing.
  const staged = await listArrived(db, datasetId, range);
  const manifestId = await manifestNow(db, datasetId);
  const committed =
    manifestId === null ? [] : await listManifestObjects(db, manifestId, { ...range, keptIn: datasetId });
  // Nearly always; sorting compares bytes, which takes its time.
  if (staged.length === 0) return committed.map(asCommitted);
  const objects = new Map(committed.map((object) => [object.key, asCommitted(object)]));
  for (const upload of staged) objects.set(upload.object_key, asStaged(upload));
  return [...objects.values()].sort((a, b) => compareKeys(a.key, b.key)).slice(0, range.limit);
}

/** One object as a commit would pin it now. */
export async function findCurrentObject(db: Db, datasetId: string, key: string): Promise<ListedObject | undefined> {
  const staged = (await listArrived(db, datasetId, { key, limit: 1 }))[0];
  const manifestId = await manifestNow(db, datasetId);
  if (staged) return asStaged(staged);
  if (manifestId === null || (await isRemoved(db, datasetId, key))) return undefined;
  const committed = await findManifestObject(db, manifestId, key);
  return committed && asCommitted(committed);
}

async function manifestNow(db: Db, datasetId: string): Promise<string | null> {
  const found = await findDatasetAt(db, datasetId);
  if (!found) throw noDataset(datasetId);
  return found.manifest_id;
}

function asCommitted(object: ManifestObject): ListedObject {
  return { ...object, etag: object.sha256, staged: false };
}

/** The manifest of the current version; undefined before the first commit. */
export async function currentManifest(db: Db, row: DatasetRow): Promise<string | undefined> {
  return row.version === null ? undefined : (await findVersion(db, row.id, row.version))?.manifest_id;
}

function asStaged({ object_key, size, sha256, etag, content_type, received_at }: ArrivedUpload): ListedObject {
  const last_modified = received_at.toISOString();
  return { key: object_key, size, sha256, etag, content_type, last_modified, staged: true };
}

/** A local file with an object's pinned bytes. Release it after. */
export async function objectFile(
  row: Pick<DatasetRow, 'uri'>,
  object: ManifestObject,
  objects: ObjectStore,
): Promise<LocalFile> {
  return objects.localFile(object.sha256).catch((error: unknown) => {
    // Earlier releases left the bytes of such a dataset where they were.
    const place = !row.uri.startsWith('tutti://');
    throw place && error instanceof AppError && error.code === 'NOT_FOUND' ? notPinned(object.key) : error;
  });
}

/** What is said of an object of a dataset in place whose bytes are nowhere. */
export function notPinned(key: string): AppError {
  return new AppError(
    'OBJECT_CHANGED',
    `The object ${key} was committed by an earlier release, which kept no bytes of it.`,
    'Commit the dataset again with commit_dataset_version: under the same version name if nothing changed since, else under a new one.',
    { object_key: key },
  );
}

/** The public form of an object. */
export function toObject(object: ListedObject) {
  const { size, sha256, etag, last_modified, content_type, staged } = object;
  const known = sha256 === null ? {} : { sha256 };
  return { size, etag: `"${etag}"`, last_modified, metadata: { ...known, content_type, staged } };
}

/** A version of the dataset, by default its current one. Throws NOT_FOUND, or NOTHING_STAGED before the first commit. */
export async function versionOf(db: Db, row: DatasetRow, name: string | undefined): Promise<VersionRow> {
  const wanted = name ?? row.version;
  if (wanted === null) throw noVersion(row.id);
  const found = await findVersion(db, row.id, wanted);
  if (!found) throw unknownVersion(wanted);
  return found;
}
