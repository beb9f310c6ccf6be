import { z } from 'zod';
import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import { holdJobs } from '../../../core/jobs/hold/store.ts';
import { cancelQueued, listUnfinished, requestCancel } from '../../../core/jobs/store.ts';
import { deleteUploads } from '../../../core/objects/store.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId } from '../contract.ts';
import { leaveIndexes, listServed } from '../gc/store.ts';
import { deleteDataset as deleteRow, lockDataset } from '../store.ts';

export const deleteDataset = () =>
  tool({
    name: 'delete_dataset',
    title: 'Delete a dataset',
    description:
      'Tutti lake: deletes a dataset with all of its versions and indexes. It refuses while jobs of it run or an index of it is served, unless force is set, which cancels those jobs first. Bytes stay until collect_garbage. For one version, use delete_version; for one object, remove_dataset_object.',
    toolset: 'lake',
    effect: 'destroy',
    scope: 'lake:destroy',
    input: {
      dataset_id: datasetId,
      force: z.boolean().default(false).describe('Delete it although jobs of it run or an index of it is served.'),
      dry_run: z.boolean().default(false).describe('Only say what stands in the way.'),
    },
    output: z.looseObject({
      deleted: z.boolean().describe('Whether it was deleted now; false when there was none, and in a dry run.'),
      running_jobs: z.array(z.string()).describe('Jobs of it that had not ended; with force they were canceled.'),
      served_indexes: z.array(z.string()).describe('Indexes of it that were served.'),
    }),
    async run({ dataset_id, force, dry_run }, { db }) {
      const held = force && !dry_run ? await listUnfinished(db, dataset_id) : [];
      await holdJobs(db, held);
      const row = await lockDataset(db, dataset_id);
      const use = await useOf(db, dataset_id);
      if (!row || dry_run) return { deleted: false, ...use };
      if (!force && use.running_jobs.length + use.served_indexes.length > 0) throw inUse(use);
      for (const job of use.running_jobs) {
        if (held.includes(job)) await requestCancel(db, job, 'Its dataset was deleted.');
        // One that came in between may wait for this dataset.
        else if (!(await cancelQueued(db, job, 'Its dataset was deleted.'))) throw inUse(use);
      }
      await leaveIndexes(db, dataset_id);
      await deleteUploads(db, dataset_id);
      await deleteRow(db, row);
      return { deleted: true, ...use };
    },
  });

type Use = { readonly running_jobs: string[]; readonly served_indexes: string[] };

async function useOf(db: Db, datasetId: string): Promise<Use> {
  const served = await listServed(db, datasetId);
  return { running_jobs: await listUnfinished(db, datasetId), served_indexes: served.map((index) => index.id) };
}

function inUse(use: Use): AppError {
  return new AppError(
    'DATASET_IN_USE',
    'Jobs of this dataset run, or an index of it is served.',
    'Wait for its jobs with job_status, or set force to cancel them and to end serving.',
    use,
  );
}
