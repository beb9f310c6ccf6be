import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import type { JobEngine } from '../../../core/jobs/engine.ts';
import { jobSchema } from '../../../core/jobs/job.ts';
import { toJob } from '../../../core/jobs/store.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId, versionName } from '../contract.ts';
import { builtInRules } from '../contracts/built-in.ts';
import { checkPatterns } from '../contracts/check-patterns.ts';
import { readContract } from '../contracts/document.ts';
import { rulesOf } from '../contracts/rules.ts';
import { versionToRead } from '../contracts/version-to-read.ts';
import type { EnginePool } from '../engine/pool.ts';

export const validate = (jobs: JobEngine, engines: EnginePool) =>
  tool({
    name: 'validate',
    title: 'Validate a dataset',
    description: `Tutti lake: reads a version of a dataset through and checks rules on it, as a job: ${builtInRules.join(', ')} and those of its contract (set_contract), or of a contract given here. Wait for it with job_status; metadata.report is the summary, get_validation_report has counts and sample rows of each rule. A rule that is not run is skipped, never passed.`,
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    common: true,
    input: {
      dataset_id: datasetId,
      version: versionName.optional().describe('Version to check; by default the current one.'),
      validators: z
        .array(z.union([z.string().min(1).max(400), z.record(z.string(), z.unknown())]))
        .min(1)
        .max(1000)
        .optional()
        .describe(
          `Ids of the rules to check (${builtInRules.join(', ')}, and those that get_contract lists), by default all; or one contract as an object, in place of the dataset's own.`,
        ),
    },
    output: jobSchema,
    async run({ dataset_id, version: wanted, validators }, { db, authority }) {
      const version = await versionToRead(db, dataset_id, wanted);
      const rules = validators?.filter((one) => typeof one === 'string');
      const contracts = validators?.filter((one) => typeof one !== 'string') ?? [];
      if (contracts.length > 1) throw oneContract();
      const contract = contracts[0] && readContract(contracts[0]);
      if (contract) await checkPatterns(rulesOf(contract, 0), engines);
      return toJob(
        await jobs.enqueue(db, {
          kind: 'lake.validate',
          authority,
          datasetId: dataset_id,
          input: { dataset_id, version, ...(rules && rules.length > 0 && { rules }), ...(contract && { contract }) },
        }),
      );
    },
  });

function oneContract(): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    'validators takes one contract at most.',
    'Put all schema objects into one contract, or call validate once for each.',
  );
}
