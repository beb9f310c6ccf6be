import { z } from 'zod';
import { nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { success } from '../contract.ts';
import type { SandboxNeeds } from '../sandboxes/needs.ts';
import { snapshotSchema } from '../sandboxes/schemas.ts';
import { showSnapshot } from '../sandboxes/show.ts';
import { listSnapshots as findSnapshots } from '../sandboxes/store.ts';

export const listSnapshots = ({ cursors }: SandboxNeeds) =>
  tool({
    name: 'orcaops_list_snapshots',
    title: 'List snapshots of sandboxes',
    description:
      'Tutti ops: lists the snapshots that were taken of sandboxes, newest first, also of those that are deleted. One is taken by orcaops_snapshot_sandbox and removed by orcaops_delete_snapshot.',
    toolset: 'ops',
    effect: 'read',
    scope: 'ops:read',
    further: true,
    input: {
      name: z.string().min(1).max(63).optional().describe('Only those of the sandbox of this name.'),
      limit: z.int().min(1).max(200).default(50).describe('How many at most, 1 to 200.'),
      page: pageFields.page,
    },
    output: z.looseObject({
      success,
      snapshots: z.array(snapshotSchema).describe('The snapshots.'),
      count: z.number().describe('How many are in this answer.'),
      next_page: nextPageField,
    }),
    examples: [{ title: 'All of them', input: {}, output: { success: true, snapshots: [], count: 0 } }],
    async run({ name: sandbox, limit, page }, { db, principal }) {
      const filters = [principal.id, sandbox];
      const after = cursors.decode('orcaops_list_snapshots', filters, page);
      const rows = await findSnapshots(db, principal, { after, limit: limit + 1, sandbox });
      const { items, ...next } = pageOf(rows, limit, showSnapshot, (row) =>
        cursors.encode('orcaops_list_snapshots', filters, row.id),
      );
      return { success: true as const, snapshots: items, count: items.length, ...next };
    },
  });
