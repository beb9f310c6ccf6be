import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { reaches } from '../bound.ts';
import { noClient } from '../errors.ts';
import { clientId } from '../fields.ts';
import type { Reader } from '../reading/reader.ts';

export const listProfiles = (reader: Reader) =>
  tool({
    name: 'list_profiles',
    title: 'List profiles',
    description:
      'Tutti config: lists the profiles of a client family, such as dev and prod, each with the policy set and the approvals that its releases need. put_config_profile makes one.',
    toolset: 'config',
    effect: 'read',
    scope: 'config:read',
    fromMemory: true,
    input: { client_id: clientId },
    output: z.looseObject({
      profiles: z.array(z.string()).describe('Their names.'),
      items: z
        .array(
          z.looseObject({
            profile: z.string().describe('Name of the profile.'),
            description: z.string().optional().describe('What it is for.'),
            policy_set_id: z.string().describe('The policy set that its releases pass, or none.'),
            approvals_required: z.number().describe('How many others than the author must agree.'),
            tags: z.array(z.string()).describe('What policy rules know its environment by.'),
          }),
        )
        .describe('The same with what each asks for.'),
    }),
    async run({ client_id }, { principal }) {
      const standing = await reader.standing();
      if (!standing.family(client_id)) throw noClient(client_id);
      const rows = standing.profiles
        .filter((one) => one.client_id === client_id)
        .filter(reaches(principal, 'config:read'));
      const items = rows.map(({ profile, description, policy_set_id, approvals_required, tags }) => ({
        profile,
        ...(description !== null && { description }),
        policy_set_id,
        approvals_required,
        tags,
      }));
      return { profiles: rows.map(({ profile }) => profile), items };
    },
  });
