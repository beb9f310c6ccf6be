import { z } from 'zod';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { showStartRow, startRowSchema } from '../starts/row.ts';
import { listStarts } from '../starts/store.ts';

const list = 'list_orchestra_starts';

export const listOrchestraStarts = (cursors: Cursors, patienceS: number) =>
  tool({
    name: list,
    title: 'List starts of Orchestra runs',
    description:
      'Tutti orchestra: lists the runs that were started through this server in the last 30 days, with who asked and why, newest first; with open_only those whose outcome is not known, to be settled by resolve_orchestra_start. For the runs themselves use list_pipeline_runs.',
    toolset: 'orchestra',
    effect: 'read',
    scope: 'orchestra:read',
    input: {
      open_only: z.boolean().default(false).describe('Only those that are being sent, or are uncertain.'),
      ...pageFields,
    },
    output: z.looseObject({
      items: z.array(startRowSchema).describe('Your starts; an administrator sees all.'),
      next_page: nextPageField,
    }),
    async run({ open_only, page, page_size }, { db, principal }) {
      const principalId = principal.admin ? undefined : principal.id;
      const filters = { open_only, principalId };
      const before = cursors.decode(list, filters, page);
      const rows = await listStarts(db, { principalId, open: open_only, before, limit: page_size + 1, patienceS });
      return pageOf(rows, page_size, showStartRow, ({ id }) => cursors.encode(list, filters, id));
    },
  });
