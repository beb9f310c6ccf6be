import { z } from 'zod';
import { canSee } from '../../../core/auth/principal.ts';
import { tool } from '../../../core/tool.ts';
import { success } from '../contract.ts';
import { engineElsewhere, noSnapshot } from '../sandboxes/errors.ts';
import type { SandboxNeeds } from '../sandboxes/needs.ts';
import { removeSnapshot } from '../sandboxes/snapshots.ts';
import { findSnapshot } from '../sandboxes/store.ts';

export const deleteSnapshot = ({ engine }: SandboxNeeds) =>
  tool({
    name: 'orcaops_delete_snapshot',
    title: 'Delete a snapshot',
    description:
      'Tutti ops: removes the image of a snapshot of a sandbox and forgets it. The sandbox itself is removed by orcaops_delete_sandbox.',
    toolset: 'ops',
    effect: 'destroy',
    scope: 'ops:destroy',
    further: true,
    input: { snapshot_id: z.string().min(1).max(80).describe('Id of the snapshot, from orcaops_list_snapshots.') },
    output: z.looseObject({
      success,
      snapshot_id: z.string().describe('Id of the snapshot.'),
      message: z.string().describe('What became of the call.'),
    }),
    examples: [
      {
        title: 'Remove it',
        input: { snapshot_id: 'snap_01kc5b0v6m8q3t9x2y4z7a1b5c' },
        output: { success: true, snapshot_id: 'snap_01kc5b0v6m8q3t9x2y4z7a1b5c', message: 'Deleted.' },
      },
    ],
    async run({ snapshot_id }, { db, principal }) {
      const snapshot = await findSnapshot(db, snapshot_id);
      if (!snapshot || !canSee(principal, { toolset: 'ops', owner: snapshot.principal_id }))
        throw noSnapshot(snapshot_id);
      if (snapshot.engine !== engine.name) throw engineElsewhere(snapshot.sandbox, snapshot.engine);
      await removeSnapshot(snapshot, await engine.reach(), db);
      return { success: true as const, snapshot_id, message: 'Deleted.' };
    },
  });
