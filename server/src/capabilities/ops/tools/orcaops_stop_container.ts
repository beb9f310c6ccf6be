import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { stopSeen } from '../containers/end.ts';
import { containerId } from '../containers/fields.ts';
import { type ContainerNeeds, findSeen } from '../containers/seen.ts';
import { success } from '../contract.ts';

export const stopContainer = (needs: ContainerNeeds) =>
  tool({
    name: 'orcaops_stop_container',
    title: 'Stop a container',
    description:
      'Tutti ops: stops a container of this server. That of a job is stopped by canceling the job, as orcaops_cancel_job does; for a whole sandbox use orcaops_stop_sandbox. One that this server did not make is never stopped.',
    toolset: 'ops',
    effect: 'write',
    scope: 'ops:write',
    input: { container_id: containerId },
    output: z.looseObject({
      success,
      container_id: z.string().describe('Id of the container.'),
      message: z.string().describe('What becomes of it.'),
    }),
    examples: [
      {
        title: 'Stop one',
        input: { container_id: '3f4e8c1b2a90' },
        output: {
          success: true,
          container_id: '3f4e8c1b2a90',
          message:
            'Job count-lines-2 is being canceled: its artifacts are taken, then its container is killed and removed.',
        },
      },
    ],
    async run({ container_id }, { db, principal }) {
      const seen = await findSeen(db, principal, needs, container_id);
      const message = await stopSeen(db, needs.engine, seen);
      return { success: true as const, container_id: seen.id.slice(0, 12), message };
    },
    async settle(answer) {
      needs.janitor.wake();
      return answer;
    },
  });
