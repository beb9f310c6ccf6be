import { z } from 'zod';
import { nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { success } from '../contract.ts';
import type { SandboxNeeds } from '../sandboxes/needs.ts';
import { listedFields } from '../sandboxes/schemas.ts';
import { showListed } from '../sandboxes/show.ts';
import { listSandboxes as findSandboxes } from '../sandboxes/store.ts';

export const listSandboxes = (needs: SandboxNeeds) =>
  tool({
    name: 'orcaops_list_sandboxes',
    title: 'List sandboxes',
    description:
      'Tutti ops: lists sandboxes, newest first. One with its services and ports is shown by orcaops_get_sandbox; containers of jobs are not among them, see orcaops_list_jobs.',
    toolset: 'ops',
    effect: 'read',
    scope: 'ops:read',
    input: {
      validate: z.boolean().default(false).describe('Also say what of each is on disk.'),
      limit: z.int().min(1).max(200).default(50).describe('How many at most, 1 to 200.'),
      page: pageFields.page,
    },
    output: z.looseObject({
      success,
      sandboxes: z.array(z.looseObject(listedFields)).describe('The sandboxes.'),
      count: z.number().describe('How many are in this answer.'),
      next_page: nextPageField,
    }),
    examples: [{ title: 'All sandboxes', input: {}, output: { success: true, sandboxes: [], count: 0 } }],
    async run({ validate, limit, page }, { db, principal }) {
      const after = needs.cursors.decode('orcaops_list_sandboxes', principal.id, page);
      const rows = await findSandboxes(db, principal, { after, limit: limit + 1 });
      const { items, ...next } = pageOf(
        rows,
        limit,
        (row) => row,
        (row) => needs.cursors.encode('orcaops_list_sandboxes', principal.id, row.id),
      );
      const sandboxes = await Promise.all(items.map((row) => showListed(row, validate, needs)));
      return { success: true as const, sandboxes, count: sandboxes.length, ...next };
    },
  });
