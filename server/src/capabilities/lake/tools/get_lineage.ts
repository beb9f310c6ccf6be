import { z } from 'zod';
import { canSee, type Principal } from '../../../core/auth/principal.ts';
import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId, objectKey, versionName } from '../contract.ts';
import { findIndexVersion, objectInManifests, versionIndexes, versionJobs } from '../lineage/store.ts';
import { dataset, versionOf } from '../objects.ts';
import type { DatasetRow } from '../store.ts';
import { pageOfObjects, pinnedObjectSchema } from '../versions/pinned-objects.ts';
import { parsePosition, positionOf, toVersion, versionSchema } from '../versions/show.ts';
import { findManifest, listVersions, type VersionRow } from '../versions/store.ts';

const shownJobs = 1000;

export const getLineage = (cursors: Cursors) =>
  tool({
    name: 'get_lineage',
    title: 'Trace where data went',
    description:
      'Tutti lake: traces objects, versions, jobs and indexes of a dataset to each other. With object_key: every version that has the object, with the jobs and indexes of each. With index or version: that version, its jobs, its indexes, and the objects it was made of. With neither: all versions, newest first.',
    toolset: 'lake',
    effect: 'read',
    scope: 'lake:read',
    input: {
      dataset_id: datasetId,
      object_key: objectKey.optional().describe('Trace this object to its versions and on.'),
      version: versionName.optional().describe('Trace this version to both sides.'),
      index: z.string().min(1).max(100).optional().describe('Trace the index of this id back.'),
      ...pageFields,
    },
    output: z.looseObject({
      items: z
        .array(
          versionSchema.extend({
            object: z
              .looseObject({
                sha256: z.string().describe('SHA-256 of its bytes in this version, hex.'),
                size: z.number().describe('Bytes.'),
              })
              .optional()
              .describe('What the traced object is in this version.'),
            jobs: z
              .array(
                z.looseObject({
                  id: z.string().describe('Id of the job.'),
                  kind: z.string().describe('What it did, such as lake.ingest.'),
                  state: z.string().describe('How it stands.'),
                  created_at: z.string().describe('ISO 8601 UTC.'),
                }),
              )
              .describe('Jobs that worked on it, as long as they are kept and as far as they are yours to see.'),
            indexes: z
              .array(
                z.looseObject({
                  id: z.string().describe('Id of the index.'),
                  target: z.string().describe('Where it is.'),
                  state: z.string().describe('building, served, retired or failed; more may come.'),
                  created_at: z.string().describe('ISO 8601 UTC.'),
                }),
              )
              .describe('Indexes built of it.'),
          }),
        )
        .describe('The versions, newest first.'),
      objects: z
        .array(pinnedObjectSchema)
        .optional()
        .describe('The objects of the one version that index or version led to, page by page.'),
      next_page: nextPageField,
    }),
    async run({ dataset_id, object_key, version, index, page, page_size }, { db, principal }) {
      if ([object_key, version, index].filter((one) => one !== undefined).length > 1) {
        throw new AppError(
          'VALIDATION_FAILED',
          'object_key, version and index cannot be traced at once.',
          'Give one of them; get_version shows the objects of a version by prefix.',
        );
      }
      const bound = { dataset_id, object_key, version, index };
      const at = cursors.decode('get_lineage', bound, page);
      const row = await dataset(db, dataset_id);
      const next = (position: string) => cursors.encode('get_lineage', bound, position);
      const name = index === undefined ? version : await versionOfIndex(db, row, index);
      if (name !== undefined) {
        const found = await versionOf(db, row, name);
        const range = { after: at, size: page_size };
        const { items: objects, ...rest } = await pageOfObjects(db, found.manifest_id, range, next);
        const object_count = (await findManifest(db, found.manifest_id))?.object_count ?? 0;
        return { items: await traced(db, row, principal, [{ ...found, object_count }]), objects, ...rest };
      }
      const rows = await listVersions(db, dataset_id, {
        before: parsePosition(at),
        objectKey: object_key,
        limit: page_size + 1,
      });
      const { items, ...rest } = pageOf(
        rows,
        page_size,
        (one) => one,
        (one) => next(positionOf(one)),
      );
      return { items: await traced(db, row, principal, items, object_key), ...rest };
    },
  });

async function traced(
  db: Db,
  row: DatasetRow,
  principal: Principal,
  versions: readonly (VersionRow & { object_count: number })[],
  key?: string,
) {
  const names = versions.map((version) => version.version);
  const manifests = versions.map((version) => version.manifest_id);
  const jobs = (await versionJobs(db, row.id, names, { limit: shownJobs })).filter((job) =>
    canSee(principal, { toolset: 'lake', owner: job.principal_id }),
  );
  const indexes = await versionIndexes(db, row.id, names);
  const objects = key === undefined ? undefined : await objectInManifests(db, manifests, key);
  const objectOf = (manifestId: string) => {
    const object = objects?.get(manifestId);
    return object ? { object: { ...object } } : {};
  };
  return versions.map((version) => ({
    ...toVersion(version, version.object_count, row.version),
    ...objectOf(version.manifest_id),
    jobs: jobs
      .filter((job) => job.version === version.version)
      .map(({ id, kind, state, created_at }) => ({ id, kind, state, created_at })),
    indexes: indexes
      .filter((index) => index.version === version.version)
      .map(({ id, target, state, created_at }) => ({ id, target, state, created_at })),
  }));
}

async function versionOfIndex(db: Db, row: DatasetRow, index: string): Promise<string> {
  const version = await findIndexVersion(db, row.id, index);
  if (version !== undefined) return version;
  throw new AppError(
    'NOT_FOUND',
    'This dataset has no such index.',
    'See its indexes with get_lineage, without index.',
    {
      index,
    },
  );
}
