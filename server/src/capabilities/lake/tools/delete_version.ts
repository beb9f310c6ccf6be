import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId, versionName } from '../contract.ts';
import { noDataset } from '../errors.ts';
import { giveUpIndexes, listServed } from '../gc/store.ts';
import { versionJobs } from '../lineage/store.ts';
import { lockDataset } from '../store.ts';
import { deleteVersion as deleteRow, findVersion } from '../versions/store.ts';

export const deleteVersion = () =>
  tool({
    name: 'delete_version',
    title: 'Delete a version',
    description:
      'Tutti lake: forgets one version of a dataset. Neither the current version nor one whose index is served or that a job works on can be deleted. Its bytes stay until collect_garbage, and those that other versions share stay after it.',
    toolset: 'lake',
    effect: 'destroy',
    scope: 'lake:destroy',
    input: { dataset_id: datasetId, version: versionName },
    output: z.looseObject({
      deleted: z.boolean().describe('Whether it was deleted now; false when there was none.'),
    }),
    async run({ dataset_id, version }, { db }) {
      const row = await lockDataset(db, dataset_id);
      if (!row) throw noDataset(dataset_id);
      if (!(await findVersion(db, dataset_id, version))) return { deleted: false };
      if (row.version === version) throw inUse('It is the current one.', 'Commit or roll back to another one first.');
      const served = await listServed(db, dataset_id, version);
      if (served.length > 0) {
        throw inUse('An index of it is served.', 'Ingest another version with start_ingest first.', {
          indexes: served,
        });
      }
      const jobs = await versionJobs(db, dataset_id, [version], { limit: 10, unfinished: true });
      if (jobs.length > 0) {
        throw inUse('Jobs work on it.', 'Wait for them with job_status, or stop them with cancel_job.', {
          jobs: jobs.map((job) => job.id),
        });
      }
      await giveUpIndexes(db, dataset_id, version);
      await deleteRow(db, dataset_id, version);
      return { deleted: true };
    },
  });

function inUse(why: string, suggestion: string, details?: unknown): AppError {
  return new AppError('VERSION_IN_USE', `This version cannot be deleted. ${why}`, suggestion, details);
}
