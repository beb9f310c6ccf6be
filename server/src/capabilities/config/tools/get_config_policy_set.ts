import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { policySet } from '../fields.ts';
import { findPolicySet } from '../policy/find.ts';

export const getConfigPolicySet = () =>
  tool({
    name: 'get_config_policy_set',
    title: 'Get a policy set',
    description:
      'Tutti config: a policy set as it was put, with its rules and tests; baseline@1 is built in. Which one a profile is under says list_profiles; to try one use test_config_policy_set.',
    toolset: 'config',
    effect: 'read',
    scope: 'config:read',
    input: {
      policy_set_id: policySet.describe('The policy set, name@version; a name alone means its newest version.'),
    },
    output: z.looseObject({
      policy_set_id: z.string().describe('The policy set, exactly.'),
      document: z.record(z.string(), z.unknown()).describe('The set; empty for none.'),
    }),
    async run({ policy_set_id }, { db }) {
      const { id, document = {} } = await findPolicySet(db, policy_set_id);
      return { policy_set_id: id, document };
    },
  });
