import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { datasetId } from '../contract.ts';
import { dataset } from '../objects.ts';
import { showPolicies } from '../policies/show.ts';

export const listPolicies = () =>
  tool({
    name: 'list_policies',
    title: 'List policies',
    description:
      'Tutti lake: lists the policies of a dataset, whether each is enforced, which one rules, and why one that is on does nothing. What they did to the indexes stands in targets of get_dataset.',
    toolset: 'lake',
    effect: 'read',
    scope: 'lake:read',
    input: { dataset_id: datasetId },
    output: z.looseObject({
      policies: z
        .array(
          z.looseObject({
            name: z.string().describe('Name of the policy.'),
            enabled: z.boolean().describe('Whether it is on.'),
            params: z.record(z.string(), z.unknown()).describe('Its parameters as they were given.'),
            enforced: z.boolean().describe('Whether this server knows the policy and does what it says.'),
            rules: z.boolean().describe('Whether it is the one that is followed now, of all that are on.'),
            effective_params: z
              .record(z.string(), z.unknown())
              .optional()
              .describe('All parameters, with their defaults, of a policy that is enforced.'),
            ignored_params: z.array(z.string()).optional().describe('Parameters that nothing here looks at.'),
            paused: z.string().optional().describe('Why it may do nothing now. Put it again with set_policy.'),
          }),
        )
        .describe('The policies, by name.'),
    }),
    async run({ dataset_id }, { db }) {
      await dataset(db, dataset_id);
      return { policies: await showPolicies(db, dataset_id) };
    },
  });
