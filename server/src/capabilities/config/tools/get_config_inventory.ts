import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { boundsOf } from '../bound.ts';
import { clientId, profileName } from '../fields.ts';
import { countReports } from '../inventory/store.ts';

const most = 1000;

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
        .describe('The counts, 1000 at most.'),
      complete: z.boolean().describe('False where there are more: ask for one client_id and profile.'),
      floor: z.number().describe('Counts below it are not told.'),
    }),
    async run(filter, { db, principal }) {
      const bounds = boundsOf(principal, 'config:read');
      const rows = await countReports(db, { ...filter, bounds, limit: most + 1 });
      const items = rows.slice(0, most).map((row) => ({ ...row, clients: row.clients < floor ? null : row.clients }));
      return { items, complete: rows.length <= most, floor };
    },
  });
