import { z } from 'zod';
import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import { inParallel } from '../../../core/in-parallel.ts';
import { identifyArrivals } from '../../../core/objects/arrivals.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import { listStaged, takeStaged } from '../../../core/objects/store.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId, datasetSchema, metadata } from '../contract.ts';
import { noDataset, noVersion } from '../errors.ts';
import { scanDirectory } from '../in-place.ts';
import { locate } from '../location.ts';
import { currentManifest, dataset, toManifestObject } from '../objects.ts';
import { advanceDataset, type DatasetRow, lockDataset, toDataset } from '../store.ts';
import { compareKeys, manifestIdOf, overlay } from '../versions/manifest.ts';
import { eachManifestObject, findVersion, insertManifest, insertVersion } from '../versions/store.ts';

export const commitDatasetVersion = (objects: ObjectStore, maxBytes: number, roots: readonly string[]) =>
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
      if (!scanned) await identifyArrivals(db, objects, input.dataset_id, maxBytes);
      const row = await lockDataset(db, input.dataset_id);
      if (!row) throw noDataset(input.dataset_id);
      const uploads = scanned ? [] : await listStaged(db, row.id);
      const existing = await findVersion(db, row.id, input.version);
      if (existing && !scanned && uploads.length === 0) return toDataset(row);
      const parent = scanned ? undefined : await currentManifest(db, row);
      const changed = (scanned ?? uploads.map(toManifestObject)).sort((a, b) => compareKeys(a.key, b.key));
      if (parent === undefined && changed.length === 0) throw noVersion(row.id);
      const manifestId = await manifestIdOf(
        overlay(parent ? eachManifestObject(db, parent) : none(), changed, new Set()),
      );
      // An older version of the same content stays old: to answer it here would drop what is staged.
      const same = existing?.manifest_id === manifestId && row.version === input.version;
      if (existing && !same) throw versionTaken(input.version);
      await inParallel(uploads, 8, ({ staging_key: stagingKey, size, sha256, etag }) =>
        objects.pin({ stagingKey, size, sha256, etag }),
      );
      const committed = existing ? row : await add(db, row, input, { id: manifestId, parent, changed, removed: [] });
      const taken = await takeStaged(db, uploads);
      // Safe before this transaction commits: the bytes are pinned, and a second try finds them so by the hash in its rows.
      // What went past us has that hash from this very transaction, so there the sweep removes it.
      if (objects.kind === 'disk') for (const key of taken) await objects.discard(key);
      return toDataset(committed);
    },
  });

async function add(
  db: Db,
  row: DatasetRow,
  { version, metadata: about = {} }: { version: string; metadata?: Record<string, unknown> | undefined },
  manifest: Parameters<typeof insertManifest>[1],
): Promise<DatasetRow> {
  const bytes = await insertManifest(db, manifest);
  const { id: dataset_id, version: parent } = row;
  await insertVersion(db, { dataset_id, version, manifest_id: manifest.id, parent, bytes, metadata: about });
  return advanceDataset(db, row.id, { version, bytes });
}

async function* none(): AsyncGenerator<never> {}

function versionTaken(version: string): AppError {
  return new AppError(
    'VERSION_CONFLICT',
    'This version is there already and is not the current content. Versions never change.',
    'Commit under a new version name; what is staged stays staged.',
    { version },
  );
}
