import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import type { LocalFile, ObjectStore } from '../../../core/objects/object-store.ts';
import type { ManifestObject } from '../contract.ts';
import { formatOf } from '../engine/formats.ts';
import type { EngineObject } from '../engine/protocol.ts';
import { noDataset, noVersion, unknownVersion } from '../errors.ts';
import { objectFile } from '../objects.ts';
import { findDatasetAt } from '../store.ts';
import { eachManifestObject } from '../versions/store.ts';

export interface VersionObjects {
  readonly dataset_id: string;
  readonly uri: string;
  readonly version: string;
  readonly manifest_id: string;
  /** What the engines can read. */
  readonly readable: readonly ManifestObject[];
  /** Keys of objects in no format that we read. */
  readonly skipped: readonly string[];
}

/** The objects of a version, by default the current one. */
export async function versionObjects(db: Db, datasetId: string, version?: string): Promise<VersionObjects> {
  const found = await findDatasetAt(db, datasetId, version);
  if (!found) throw noDataset(datasetId);
  const wanted = version ?? found.current;
  if (found.version === null || found.manifest_id === null)
    throw wanted === null ? noVersion(datasetId) : unknownVersion(wanted);
  const readable: ManifestObject[] = [];
  const skipped: string[] = [];
  for await (const object of eachManifestObject(db, found.manifest_id)) {
    if (formatOf(object.key, object.content_type) === undefined) skipped.push(object.key);
    else readable.push(object);
  }
  if (readable.length === 0) {
    throw new AppError(
      'NO_READABLE_OBJECTS',
      'No object of this version is in a format that can be read.',
      'Upload CSV, TSV, JSON, JSON lines, Parquet, text or Markdown, named with its usual ending, and commit a new version.',
    );
  }
  return {
    dataset_id: datasetId,
    uri: found.uri,
    version: found.version,
    manifest_id: found.manifest_id,
    readable,
    skipped,
  };
}

/** Runs `work` on objects as the engines take them: as local files, which stay until it ends. */
export async function withEngineObjects<T>(
  of: Pick<VersionObjects, 'uri'>,
  wanted: readonly ManifestObject[],
  needs: { readonly objects: ObjectStore },
  work: (objects: EngineObject[]) => Promise<T>,
): Promise<T> {
  const held: LocalFile[] = [];
  try {
    const found: EngineObject[] = [];
    for (const object of wanted) {
      const format = formatOf(object.key, object.content_type);
      if (!format) throw new Error(`${object.key} has no format`);
      const file = await objectFile(of, object, needs.objects);
      held.push(file);
      found.push({ path: file.path, key: object.key, format });
    }
    return await work(found);
  } finally {
    for (const file of held) file.release();
  }
}
