import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import type { ManifestObject } from '../contract.ts';
import { formatOf } from '../engine/formats.ts';
import type { EngineObject } from '../engine/protocol.ts';
import { noDataset, noVersion, unknownVersion } from '../errors.ts';
import { objectFile } from '../objects.ts';
import { findDataset, findVersion } from '../store.ts';

export interface VersionObjects {
  readonly dataset_id: string;
  readonly uri: string;
  readonly version: string;
  /** What the engines can read. */
  readonly readable: readonly ManifestObject[];
  /** Keys of objects in no format that we read. */
  readonly skipped: readonly string[];
}

/** The objects of a version, by default the current one. */
export async function versionObjects(db: Db, datasetId: string, version?: string): Promise<VersionObjects> {
  const row = await findDataset(db, datasetId);
  if (!row) throw noDataset(datasetId);
  const wanted = version ?? row.version;
  const found = wanted === null ? undefined : await findVersion(db, datasetId, wanted);
  if (!found) throw wanted === null ? noVersion(datasetId) : unknownVersion(wanted);
  const readable = found.objects.filter((object) => formatOf(object.key, object.content_type) !== undefined);
  if (readable.length === 0) {
    throw new AppError(
      'NO_READABLE_OBJECTS',
      'No object of this version is in a format that can be read.',
      'Upload CSV, TSV, JSON, JSON lines, Parquet, text or Markdown, named with its usual ending, and commit a new version.',
    );
  }
  const skipped = found.objects.filter((object) => !readable.includes(object)).map((object) => object.key);
  return { dataset_id: datasetId, uri: row.uri, version: found.version, readable, skipped };
}

/** An object as the engines take it. */
export async function engineObject(
  of: Pick<VersionObjects, 'uri'>,
  object: ManifestObject,
  objects: ObjectStore,
  roots: readonly string[],
): Promise<EngineObject> {
  const format = formatOf(object.key, object.content_type);
  if (!format) throw new Error(`${object.key} has no format`);
  return { path: await objectFile(of, object, objects, roots), key: object.key, format };
}
