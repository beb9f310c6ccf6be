import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { removeSeen } from '../containers/end.ts';
import { containerId } from '../containers/fields.ts';
import { type ContainerNeeds, findSeen } from '../containers/seen.ts';
import { success } from '../contract.ts';

export const removeAContainer = (needs: ContainerNeeds) =>
  tool({
    name: 'orcaops_remove_container',
    title: 'Remove a container',
    description:
      'Tutti ops: removes a container of this server with what it wrote; named volumes of a sandbox stay. One that runs only with force, and one of a running job by canceling the job. This server removes by itself what nobody needs, see orcaops_cleanup_containers; one that it did not make is never removed.',
    toolset: 'ops',
    effect: 'destroy',
    scope: 'ops:destroy',
    input: {
      container_id: containerId,
      force: z.boolean().default(false).describe('Also when it runs.'),
    },
    output: z.looseObject({
      success,
      container_id: z.string().describe('Id of the container.'),
      message: z.string().describe('What becomes of it.'),
    }),
    examples: [
      {
        title: 'Remove one that ended',
        input: { container_id: '3f4e8c1b2a90' },
        output: { success: true, container_id: '3f4e8c1b2a90', message: 'Removed.' },
      },
    ],
    async run({ container_id, force }, { db, principal }) {
      const seen = await findSeen(db, principal, needs, container_id);
      const message = await removeSeen(db, needs.engine, seen, force);
      return { success: true as const, container_id: seen.id.slice(0, 12), message };
    },
    async settle(answer) {
      needs.janitor.wake();
      return answer;
    },
  });
