import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { requireFor } from '../bound.ts';
import { requireFamily } from '../families/find.ts';
import { clientId, policySet, profileName } from '../fields.ts';
import { baseline } from '../policy/baseline.ts';
import { policySetId } from '../policy/document.ts';
import { findPolicySet } from '../policy/find.ts';
import { findProfile, lockProfile, putProfile } from '../profiles/store.ts';
import { tellChange } from '../releases/events.ts';

export const putConfigProfile = () =>
  tool({
    name: 'put_config_profile',
    title: 'Make or change a profile',
    description:
      'Tutti config: makes a profile of a client family, such as prod, or changes what its releases need: the policy set, and how many others must approve. What is left out stays; a new profile has the built-in policy set and needs no approval.',
    toolset: 'config',
    effect: 'write',
    scope: 'config:policy',
    input: {
      client_id: clientId,
      profile: profileName,
      description: z.string().min(1).max(500).optional().describe('What it is for.'),
      policy_set_id: policySet
        .optional()
        .describe('The policy set that releases must pass, name@version, or none. A new profile has baseline@1.'),
      approvals_required: z
        .int()
        .min(0)
        .max(20)
        .optional()
        .describe('How many others than the author must agree; 0 to 20.'),
      tags: z
        .array(z.string().regex(/^[a-z0-9][a-z0-9._:-]{0,62}$/, 'must be a short word such as eu or pci'))
        .max(50)
        .optional()
        .describe('What policy rules know its environment by.'),
    },
    output: z.looseObject({
      client_id: z.string().describe('The client family.'),
      profile: z.string().describe('The profile.'),
      policy_set_id: z.string().describe('The policy set, exactly.'),
      approvals_required: z.number().describe('How many others must agree.'),
      tags: z.array(z.string()).describe('What policy rules know its environment by.'),
      created: z.boolean().describe('Whether it is new.'),
    }),
    noted: ({ client_id, profile, policy_set_id, approvals_required }) => ({
      client_id,
      profile,
      ...(policy_set_id !== undefined && { policy_set_id }),
      ...(approvals_required !== undefined && { approvals_required }),
    }),
    async run({ client_id, profile, ...given }, { db, principal }) {
      requireFor(principal, 'config:policy', { client_id, profile });
      await requireFamily(db, client_id);
      await lockProfile(db, client_id, profile);
      const known = await findProfile(db, client_id, profile);
      const wanted = given.policy_set_id ?? known?.policy_set_id ?? policySetId(baseline);
      const { id: policy_set_id } = await findPolicySet(db, wanted);
      const approvals_required = given.approvals_required ?? known?.approvals_required ?? 0;
      const tags = given.tags ?? known?.tags ?? [];
      const description = given.description ?? known?.description ?? null;
      const put = { client_id, profile, description, policy_set_id, approvals_required, tags, put_by: principal.id };
      const created = await putProfile(db, put);
      await tellChange(db, { what: 'profile', client_id });
      return { client_id, profile, policy_set_id, approvals_required, tags, created };
    },
  });
