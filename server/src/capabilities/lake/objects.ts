import type { Db } from '../../core/db/database.ts';
import type { LocalFile, ObjectStore } from '../../core/objects/object-store.ts';
import { type ArrivedUpload, listArrived, type ReceivedUpload } from '../../core/objects/store.ts';
import type { ManifestObject } from './contract.ts';
import { noDataset } from './errors.ts';
import { pinnedFile } from './in-place.ts';
import { locate } from './location.ts';
import { type DatasetRow, findDataset } from './store.ts';
import { compareKeys } from './versions/manifest.ts';
import { findManifestObject, findVersion, listManifestObjects, type ObjectRange } from './versions/store.ts';

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

/** Objects as a commit would pin them now: those of the current version, with staged ones over them; sorted by key. */
export async function listCurrentObjects(db: Db, row: DatasetRow, range: ObjectRange): Promise<ListedObject[]> {
  const manifestId = await currentManifest(db, row);
  const committed = manifestId === undefined ? [] : await listManifestObjects(db, manifestId, range);
  const { prefix = '', after, limit } = range;
  const staged = (await stagedObjects(db, row.id)).filter(
    ({ key }) => key.startsWith(prefix) && (after === undefined || compareKeys(key, after) > 0),
  );
  const objects = new Map<string, ListedObject>(committed.map((object) => [object.key, asCommitted(object)]));
  for (const object of staged) objects.set(object.key, object);
  return [...objects.values()].sort((a, b) => compareKeys(a.key, b.key)).slice(0, limit);
}

/** One object as a commit would pin it now. */
export async function findCurrentObject(db: Db, row: DatasetRow, key: string): Promise<ListedObject | undefined> {
  const staged = (await stagedObjects(db, row.id)).find((object) => object.key === key);
  if (staged) return staged;
  const manifestId = await currentManifest(db, row);
  const committed = manifestId === undefined ? undefined : await findManifestObject(db, manifestId, key);
  return committed && asCommitted(committed);
}

function asCommitted(object: ManifestObject): ListedObject {
  return { ...object, etag: object.sha256, staged: false };
}

/** The manifest of the current version; undefined before the first commit. */
export async function currentManifest(db: Db, row: DatasetRow): Promise<string | undefined> {
  return row.version === null ? undefined : (await findVersion(db, row.id, row.version))?.manifest_id;
}

/** What is uploaded and in no version yet, sorted by key. */
async function stagedObjects(db: Db, datasetId: string): Promise<ListedObject[]> {
  return (await listArrived(db, datasetId)).map(asStaged).sort((a, b) => compareKeys(a.key, b.key));
}

function asStaged({ object_key, size, sha256, etag, content_type, received_at }: ArrivedUpload): ListedObject {
  const last_modified = received_at.toISOString();
  return { key: object_key, size, sha256, etag, content_type, last_modified, staged: true };
}

export function toManifestObject(upload: ReceivedUpload): ManifestObject {
  const { object_key, size, sha256, content_type, received_at } = upload;
  return { key: object_key, size, sha256, content_type, last_modified: received_at.toISOString() };
}

/** A local file with an object's pinned bytes. Release it after. */
export async function objectFile(
  row: Pick<DatasetRow, 'uri'>,
  object: ManifestObject,
  objects: ObjectStore,
  roots: readonly string[],
): Promise<LocalFile> {
  const location = await locate(row.uri, roots);
  if (location.kind === 'managed') return objects.localFile(object.sha256);
  return { path: await pinnedFile(location.directory, object), release: () => undefined };
}

/** The public form of an object. */
export function toObject(object: ListedObject) {
  const { size, sha256, etag, last_modified, content_type, staged } = object;
  const known = sha256 === null ? {} : { sha256 };
  return { size, etag: `"${etag}"`, last_modified, metadata: { ...known, content_type, staged } };
}
