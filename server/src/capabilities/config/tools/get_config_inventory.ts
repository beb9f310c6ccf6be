import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { reaches } from '../bound.ts';
import { clientId, profileName } from '../fields.ts';
import { countReports } from '../inventory/store.ts';

export const getConfigInventory = (floor: number) =>
  tool({
    name: 'get_config_inventory',
    title: 'Count what clients have',
    description:
      'Tutti config: how many clients last reported which configuration and how applying it went, by client family, profile, version and result. Nobody is named, and a count below the floor only says so. Clients report with report_client_state.',
    toolset: 'config',
    effect: 'read',
    scope: 'config:read',
    input: { client_id: clientId.optional(), profile: profileName.optional() },
    output: z.looseObject({
      items: z
        .array(
          z.looseObject({
            client_id: z.string().describe('The client family.'),
            profile: z.string().describe('The profile.'),
            artifact_id: z.string().describe('The artifact.'),
            version: z.string().nullable().describe('Its version.'),
            result: z.string().describe('applied, failed, refused, reverted or drifted.'),
            clients: z.number().nullable().describe('How many clients; null for fewer than `floor`.'),
          }),
        )
        .describe('The counts.'),
      floor: z.number().describe('Counts below it are not told.'),
    }),
    async run(filter, { db, principal }) {
      const rows = (await countReports(db, filter)).filter(reaches(principal, 'config:read'));
      return { items: rows.map((row) => ({ ...row, clients: row.clients < floor ? null : row.clients })), floor };
    },
  });
