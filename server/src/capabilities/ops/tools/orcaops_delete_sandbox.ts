import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import type { SandboxNeeds } from '../sandboxes/needs.ts';
import { requestWork, waitForWork } from '../sandboxes/request.ts';
import { doneFields, nameField, waitField } from '../sandboxes/schemas.ts';
import { findSandboxByName } from '../sandboxes/store.ts';
import { visibleSandbox } from '../sandboxes/visible.ts';

export const deleteSandbox = (needs: SandboxNeeds) =>
  tool({
    name: 'orcaops_delete_sandbox',
    title: 'Delete a sandbox',
    description:
      'Tutti ops: removes a sandbox with its containers, networks, volumes and directory; its snapshots too if asked. To stop it and keep its data use orcaops_stop_sandbox.',
    toolset: 'ops',
    effect: 'destroy',
    scope: 'ops:destroy',
    further: true,
    input: {
      name: nameField,
      snapshots: z.boolean().default(false).describe('Also remove the snapshots that were taken of it.'),
      wait_s: waitField,
    },
    output: z.looseObject({ ...doneFields }),
    examples: [
      {
        title: 'Remove it',
        input: { name: 'lab' },
        output: {
          success: true,
          name: 'lab',
          action: 'delete',
          status: 'deleted',
          message: 'Deleted.',
          job_id: 'job_01kc5b0v6m8q3t9x2y4z7a1b5c',
        },
      },
    ],
    async run({ name, snapshots }, { db, principal, authority }) {
      const sandbox = await visibleSandbox(db, principal, name);

      const work = { action: 'delete' as const, snapshots };
      const jobId = await requestWork(db, sandbox, work, { jobs: needs.jobs, place: needs.place, authority });
      return {
        success: true as const,
        name,
        action: 'delete',
        status: 'deleting',
        message: 'It goes on. See orcaops_get_sandbox.',
        job_id: jobId,
      };
    },
    async settle(answer, { name, wait_s }, context) {
      if (!(await waitForWork(String(answer.job_id), 'delete', wait_s, needs, context))) return answer;
      const sandbox = await findSandboxByName(context.db, name);
      return { ...answer, status: sandbox?.status ?? 'deleted', message: 'Deleted.' };
    },
  });
