import { z } from 'zod';
import { newId } from '../../../core/ids.ts';
import { noteArrivals } from '../../../core/objects/arrivals.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import { deleteUploads } from '../../../core/objects/store.ts';
import { tool } from '../../../core/tool.ts';
import { stageRemoval } from '../commits/store.ts';
import { datasetId, objectKey } from '../contract.ts';
import { noDataset, notManaged } from '../errors.ts';
import { currentManifest } from '../objects.ts';
import { lockDataset } from '../store.ts';
import { findManifestObject } from '../versions/store.ts';

export const removeDatasetObject = (objects: ObjectStore) =>
  tool({
    name: 'remove_dataset_object',
    title: 'Remove an object',
    description:
      'Tutti lake: stages the removal of one object of a managed dataset: the next version is without it, older versions keep it. What is staged under its key is forgotten, URLs made for it before work no more, and an upload after it brings the object back. Next: commit_dataset_version.',
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    input: { dataset_id: datasetId, object_key: objectKey },
    output: z.looseObject({
      removed: z.boolean().describe('Whether there was such an object, staged or in the current version.'),
    }),
    async run({ dataset_id, object_key }, { db }) {
      const row = await lockDataset(db, dataset_id);
      if (!row) throw noDataset(dataset_id);
      if (!row.uri.startsWith('tutti://')) throw notManaged();
      await noteArrivals(db, objects, dataset_id);
      const uploads = await deleteUploads(db, dataset_id, object_key);
      const manifest = await currentManifest(db, row);
      const committed = manifest !== undefined && (await findManifestObject(db, manifest, object_key)) !== undefined;
      if (committed || uploads > 0) await stageRemoval(db, dataset_id, object_key, newId('up'));
      return { removed: committed || uploads > 0 };
    },
  });
