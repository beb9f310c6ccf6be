import type { JobEngine } from '../../../core/jobs/engine.ts';
import { toJob } from '../../../core/jobs/store.ts';
import type { ToolContext } from '../../../core/tool.ts';
import { datasetId, versionName } from '../contract.ts';
import type { ProfileInput } from '../jobs/profile.ts';
import { versionToRead } from './version-to-read.ts';

/** What the tools take that look at every column of a version. */
export const profileInput = {
  dataset_id: datasetId,
  version: versionName.optional().describe('Version to look at; by default the current one.'),
};

/** Starts the job that looks, and says what is wanted of it. */
export async function startProfile(
  jobs: JobEngine,
  wanted: ProfileInput['wanted'],
  { dataset_id, version }: { readonly dataset_id: string; readonly version?: string | undefined },
  { db, authority }: Pick<ToolContext, 'db' | 'authority'>,
) {
  const input = { dataset_id, version: await versionToRead(db, dataset_id, version), wanted };
  return toJob(await jobs.enqueue(db, { kind: 'lake.profile', authority, datasetId: dataset_id, input }));
}
