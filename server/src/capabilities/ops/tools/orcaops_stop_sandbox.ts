import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { tool } from '../../../core/tool.ts';
import type { SandboxNeeds } from '../sandboxes/needs.ts';
import { requestWork, waitForWork } from '../sandboxes/request.ts';
import { doneFields, nameField, waitField } from '../sandboxes/schemas.ts';
import { findSandboxByName } from '../sandboxes/store.ts';
import { visibleSandbox } from '../sandboxes/visible.ts';

export const stopSandbox = (needs: SandboxNeeds) =>
  tool({
    name: 'orcaops_stop_sandbox',
    title: 'Stop a sandbox',
    description:
      'Tutti ops: stops a sandbox: its containers and networks are removed, what its services keep in volumes stays for the next start. With volumes that is removed as well, which needs the scope ops:destroy. To remove the sandbox as a whole use orcaops_delete_sandbox.',
    toolset: 'ops',
    effect: 'write',
    scope: 'ops:write',
    input: {
      name: nameField,
      volumes: z.boolean().default(false).describe('Also remove its volumes, with all that is in them.'),
      wait_s: waitField,
    },
    output: z.looseObject({ ...doneFields }),
    examples: [
      {
        title: 'Stop it, keep its data',
        input: { name: 'lab' },
        output: {
          success: true,
          name: 'lab',
          action: 'stop',
          status: 'stopped',
          message: 'Stopped.',
          job_id: 'job_01kc5b0v6m8q3t9x2y4z7a1b5c',
        },
      },
    ],
    async run({ name, volumes }, { db, principal, authority }) {
      const sandbox = await visibleSandbox(db, principal, name);
      if (volumes && !principal.scopes.has('ops:destroy')) {
        throw new AppError(
          'FORBIDDEN',
          'To remove volumes this token lacks the scope ops:destroy.',
          'Leave volumes out, or ask the operator for a token with it: tutti token create <name> --grant ops:destroy',
          { required_scope: 'ops:destroy' },
        );
      }
      const work = { action: 'stop' as const, volumes };
      const jobId = await requestWork(db, sandbox, work, { jobs: needs.jobs, place: needs.place, authority });
      return {
        success: true as const,
        name,
        action: 'stop',
        status: 'stopping',
        message: 'It goes on. See orcaops_get_sandbox.',
        job_id: jobId,
      };
    },
    async settle(answer, { name, wait_s }, context) {
      if (!(await waitForWork(String(answer.job_id), 'stop', wait_s, needs, context))) return answer;
      const sandbox = await findSandboxByName(context.db, name);
      return { ...answer, status: sandbox?.status ?? 'deleted', message: 'Stopped.' };
    },
  });
