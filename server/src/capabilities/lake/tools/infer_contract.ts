import type { JobEngine } from '../../../core/jobs/engine.ts';
import { jobSchema } from '../../../core/jobs/job.ts';
import { toJob } from '../../../core/jobs/store.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId, versionName } from '../contract.ts';
import { versionToRead } from '../contracts/version-to-read.ts';

export const inferContract = (jobs: JobEngine) =>
  tool({
    name: 'infer_contract',
    title: 'Draft a data contract',
    description:
      'Tutti lake: drafts a contract of the Open Data Contract Standard v3.1.0 from what a dataset version holds, as a job: types, required and unique columns, least and greatest values, short lists of values. The version satisfies it. Wait for it with job_status; metadata.contract is the draft, to be read and loosened before it is given to set_contract.',
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    input: {
      dataset_id: datasetId,
      version: versionName.optional().describe('Version to look at; by default the current one.'),
    },
    output: jobSchema,
    async run({ dataset_id, version }, { db, authority }) {
      const input = { dataset_id, version: await versionToRead(db, dataset_id, version), wanted: 'contract' };
      return toJob(await jobs.enqueue(db, { kind: 'lake.profile', authority, datasetId: dataset_id, input }));
    },
  });
