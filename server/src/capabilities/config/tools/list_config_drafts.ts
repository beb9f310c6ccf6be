import { z } from 'zod';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { boundsOf, requireDuty } from '../bound.ts';
import { draftSchema, showDraft } from '../drafts/show.ts';
import { listDrafts } from '../drafts/store.ts';
import { clientId, profileName } from '../fields.ts';

const list = 'list_config_drafts';

export const listConfigDrafts = (cursors: Cursors) =>
  tool({
    name: list,
    title: 'List drafts',
    description:
      'Tutti config: lists drafts of configurations, newest first, such as those that wait for approval (state open). For one with its content use get_config_draft.',
    toolset: 'config',
    effect: 'read',
    scope: 'config:read',
    input: {
      client_id: clientId.optional(),
      profile: profileName.optional(),
      state: z.enum(['open', 'released', 'rejected']).optional().describe('Only drafts in this state.'),
      ...pageFields,
    },
    output: z.looseObject({ items: z.array(draftSchema).describe('The drafts.'), next_page: nextPageField }),
    async run({ page, page_size, ...filter }, { db, principal }) {
      requireDuty(principal);
      const before = cursors.decode(list, filter, page);
      const bounds = boundsOf(principal, 'config:read');
      const rows = await listDrafts(db, { ...filter, bounds, before, limit: page_size + 1 });
      return pageOf(rows, page_size, showDraft, (row) => cursors.encode(list, filter, row.draft_id));
    },
  });
