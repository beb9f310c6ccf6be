import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { datasetId } from '../contract.ts';
import { noDataset } from '../errors.ts';
import { publicPolicies } from '../policies/show.ts';
import { deletePolicy, listPolicies } from '../policies/store.ts';
import { lockDataset, touchDataset } from '../store.ts';

export const removePolicy = () =>
  tool({
    name: 'remove_policy',
    title: 'Remove a policy',
    description:
      'Tutti lake: takes a policy off a dataset. Its jobs that wait are canceled, one that runs ends, and what is served stays. Removing one that is not there changes nothing.',
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    input: {
      dataset_id: datasetId,
      policy_name: z.string().min(1).max(100).describe('Name of the policy, from list_policies.'),
    },
    output: z.looseObject({ ok: z.boolean().describe('true.') }),
    async run({ dataset_id, policy_name }, { db }) {
      if (!(await lockDataset(db, dataset_id))) throw noDataset(dataset_id);
      if (await deletePolicy(db, dataset_id, policy_name)) {
        await touchDataset(db, dataset_id, { policies: publicPolicies(await listPolicies(db, dataset_id)) });
      }
      return { ok: true };
    },
  });
