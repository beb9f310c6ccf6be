import type { Db } from '../../core/db/database.ts';
import type { ObjectStore } from '../../core/objects/object-store.ts';
import { listStaged } from '../../core/objects/store.ts';
import type { ManifestObject } from './contract.ts';
import { noDataset } from './errors.ts';
import { pinnedFile } from './in-place.ts';
import { locate } from './location.ts';
import { type DatasetRow, findDataset, findVersion } from './store.ts';

export interface ListedObject extends ManifestObject {
  /** Uploaded, but in no version yet. */
  readonly staged: boolean;
}

/** The dataset, or NOT_FOUND. Datasets are a catalogue: whoever may read the lake sees them all. */
export async function dataset(db: Db, id: string): Promise<DatasetRow> {
  const row = await findDataset(db, id);
  if (!row) throw noDataset(id);
  return row;
}

/** What a commit would pin now: the objects of the current version, with staged ones over them; sorted by key. */
export async function currentObjects(db: Db, row: DatasetRow): Promise<ListedObject[]> {
  const committed = row.version === null ? [] : ((await findVersion(db, row.id, row.version))?.objects ?? []);
  const staged = await listStaged(db, row.id);
  const objects = new Map<string, ListedObject>(committed.map((object) => [object.key, { ...object, staged: false }]));
  for (const upload of staged) {
    objects.set(upload.object_key, {
      key: upload.object_key,
      size: upload.size,
      sha256: upload.sha256,
      content_type: upload.content_type,
      last_modified: upload.received_at.toISOString(),
      staged: true,
    });
  }
  return [...objects.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** A local file with an object's pinned bytes. */
export async function objectFile(
  row: Pick<DatasetRow, 'uri'>,
  object: ManifestObject,
  objects: ObjectStore,
  roots: readonly string[],
): Promise<string> {
  const location = await locate(row.uri, roots);
  return location.kind === 'managed' ? objects.localFile(object.sha256) : pinnedFile(location.directory, object);
}

/** The public form of an object. */
export function toObject(object: ListedObject) {
  const { size, sha256, last_modified, content_type, staged } = object;
  return { size, etag: `"${sha256}"`, last_modified, metadata: { sha256, content_type, staged } };
}
