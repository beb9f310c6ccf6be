import { z } from 'zod';
import { sha256 } from '../../../core/canonical.ts';
import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import { listStaged, takeStaged } from '../../../core/objects/store.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId, datasetSchema, type ManifestObject, metadata } from '../contract.ts';
import { noDataset, noVersion } from '../errors.ts';
import { scanDirectory } from '../in-place.ts';
import { locate } from '../location.ts';
import { currentObjects, dataset } from '../objects.ts';
import { type DatasetRow, findVersion, insertVersion, lockDataset, toDataset } from '../store.ts';

export const commitDatasetVersion = (objects: ObjectStore, roots: readonly string[]) =>
  tool({
    name: 'commit_dataset_version',
    title: 'Commit a version',
    description:
      'Tutti lake: makes an immutable version of a dataset: the objects of the version before with all staged uploads over them, each pinned by its hash. Repeating it with the same content answers the same; a version name cannot be given to other content. Next: validate, start_ingest.',
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    common: true,
    input: {
      dataset_id: datasetId,
      version: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/, 'letters, digits and . _ + -, 1 to 100')
        .describe('Name of the version, such as v1 or 2026-11-20.'),
      metadata: metadata.optional(),
    },
    output: datasetSchema,
    async run(input, { db }) {
      const location = await locate((await dataset(db, input.dataset_id)).uri, roots);
      // Before the lock, for hashing takes its time: whoever waits for this dataset, or for events in order, would wait too.
      const scanned = location.kind === 'in_place' ? await scanDirectory(location.directory) : undefined;
      const row = await lockDataset(db, input.dataset_id);
      if (!row) throw noDataset(input.dataset_id);
      const staged = scanned ? [] : await listStaged(db, row.id);
      const existing = await findVersion(db, row.id, input.version);
      if (existing && !scanned && staged.length === 0) return toDataset(row);
      const manifest = scanned ?? (await staging(db, row));
      if (manifest.length === 0) throw noVersion(row.id);
      const manifestId = manifestIdOf(manifest);
      // An older version of the same content stays old: to answer it here would drop what is staged.
      const same = existing?.manifest_id === manifestId && row.version === input.version;
      if (existing && !same) throw versionTaken(input.version);
      for (const { staging_key, size, sha256 } of staged) await objects.pin({ stagingKey: staging_key, size, sha256 });
      const committed = existing
        ? row
        : await insertVersion(db, {
            dataset_id: row.id,
            version: input.version,
            manifest_id: manifestId,
            parent: row.version,
            objects: manifest,
            bytes: manifest.reduce((bytes, object) => bytes + object.size, 0),
            metadata: input.metadata ?? {},
          });
      // Safe before this transaction commits: the bytes are pinned, and a second try finds them so.
      for (const key of await takeStaged(db, staged)) await objects.discard(key);
      return toDataset(committed);
    },
  });

async function staging(db: Db, row: DatasetRow): Promise<ManifestObject[]> {
  return (await currentObjects(db, row)).map(({ staged: _, ...object }) => object);
}

/** Names content, not circumstance: the same objects give the same id, whenever they were uploaded. */
function manifestIdOf(objects: readonly ManifestObject[]): string {
  const content = objects.map(({ key, size, sha256: hash, content_type }) => ({
    key,
    size,
    sha256: hash,
    content_type,
  }));
  return `sha256:${sha256(content.sort((a, b) => (a.key < b.key ? -1 : 1)))}`;
}

function versionTaken(version: string): AppError {
  return new AppError(
    'VERSION_CONFLICT',
    'This version is there already and is not the current content. Versions never change.',
    'Commit under a new version name; what is staged stays staged.',
    { version },
  );
}
