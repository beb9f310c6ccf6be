import type { JobEngine } from '../../../core/jobs/engine.ts';
import { jobSchema } from '../../../core/jobs/job.ts';
import { tool } from '../../../core/tool.ts';
import { profileInput, startProfile } from '../contracts/start-profile.ts';

export const inferContract = (jobs: JobEngine) =>
  tool({
    name: 'infer_contract',
    title: 'Draft a data contract',
    description:
      'Tutti lake: drafts a contract of the Open Data Contract Standard v3.1.0 from what a dataset version holds, as a job: types, required and unique columns, least and greatest values, short lists of values. The version satisfies it. Wait for it with job_status; metadata.contract is the draft, to be read and loosened before it is given to set_contract.',
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    input: profileInput,
    output: jobSchema,
    run: (input, context) => startProfile(jobs, 'contract', input, context),
  });
