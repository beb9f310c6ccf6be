import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { tool } from '../../../core/tool.ts';
import { success } from '../contract.ts';
import type { SandboxNeeds } from '../sandboxes/needs.ts';
import { detailFields, nameField } from '../sandboxes/schemas.ts';
import { showSandbox } from '../sandboxes/show.ts';
import { reachEngineOf, statesOf, visibleSandbox } from '../sandboxes/visible.ts';

export const getSandbox = (needs: SandboxNeeds) =>
  tool({
    name: 'orcaops_get_sandbox',
    title: 'Show a sandbox',
    description:
      'Tutti ops: shows one sandbox: its services, whether each runs, on which ports of loopback they answer, and why the last work on it failed. To see what services wrote use orcaops_get_sandbox_logs; all sandboxes are listed by orcaops_list_sandboxes.',
    toolset: 'ops',
    effect: 'read',
    scope: 'ops:read',
    input: { name: nameField },
    output: z.looseObject({ success, ...detailFields }),
    examples: [
      {
        title: 'Where the services answer',
        input: { name: 'lab' },
        output: {
          success: true,
          name: 'lab',
          template: 'python-ml',
          path: '/var/lib/tutti/ops/sandboxes/lab',
          created_at: '2026-11-20T09:30:00.000Z',
          status: 'running',
          engine: 'local',
          expires_at: '2026-11-27T09:30:00.000Z',
          last_used_at: '2026-11-20T09:31:00.000Z',
          idle_s: 3600,
          validation: { exists: true, has_compose: true, has_env: true },
          services: [
            {
              name: 'jupyter',
              image: 'jupyter/tensorflow-notebook:latest',
              state: 'running',
              detail: 'Up 2 minutes',
              container_id: 'f0e1d2c3b4a5',
              ports: [{ container_port: 8888, host: '127.0.0.1', host_port: 49_153 }],
            },
          ],
          parameters: {},
        },
      },
    ],
    async run({ name }, { db, principal }) {
      const sandbox = await visibleSandbox(db, principal, name);
      return { success: true as const, ...(await showSandbox(sandbox, await statesIfThere(sandbox, needs), needs)) };
    },
  });

/** Nothing where the engine is away or another process's: the rest is known all the same. */
async function statesIfThere(sandbox: Parameters<typeof statesOf>[0], needs: SandboxNeeds) {
  try {
    return await statesOf(sandbox, await reachEngineOf(sandbox, needs), needs);
  } catch (error) {
    if (error instanceof AppError) return [];
    throw error;
  }
}
