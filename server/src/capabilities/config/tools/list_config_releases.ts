import { z } from 'zod';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { boundsOf } from '../bound.ts';
import { clientId, profileName, semanticVersion } from '../fields.ts';
import { listedReleaseSchema, showListed } from '../releases/show-release.ts';
import { listReleases } from '../releases/store.ts';

const list = 'list_config_releases';

export const listConfigReleases = (cursors: Cursors) =>
  tool({
    name: list,
    title: 'List releases',
    description:
      'Tutti config: lists what was released, newest first: what is current, what it superseded, what revert_config may go back to. For who approved and signed it use get_audit.',
    toolset: 'config',
    effect: 'read',
    scope: 'config:read',
    input: {
      client_id: clientId.optional(),
      profile: profileName.optional(),
      version: semanticVersion.optional().describe('Only releases of artifacts of this version.'),
      ...pageFields,
    },
    output: z.looseObject({ items: z.array(listedReleaseSchema).describe('The releases.'), next_page: nextPageField }),
    async run({ page, page_size, ...filter }, { db, principal }) {
      const before = cursors.decode(list, filter, page);
      const bounds = boundsOf(principal, 'config:read');
      const rows = await listReleases(db, { ...filter, bounds, before, limit: page_size + 1 });
      return pageOf(
        rows,
        page_size,
        (row) => showListed(row),
        (row) => cursors.encode(list, filter, row.release_id),
      );
    },
  });
