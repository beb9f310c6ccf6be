import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { success } from '../contract.ts';
import { createSandbox as addSandbox } from '../sandboxes/create.ts';
import type { SandboxNeeds } from '../sandboxes/needs.ts';
import { waitForWork } from '../sandboxes/request.ts';
import { listedFields, ownName, waitField } from '../sandboxes/schemas.ts';
import { showListed } from '../sandboxes/show.ts';
import { findSandbox, findSandboxByName } from '../sandboxes/store.ts';
import { parameterValue } from '../sandboxes/templates/template.ts';

export const createSandbox = (needs: SandboxNeeds) =>
  tool({
    name: 'orcaops_create_sandbox',
    title: 'Make a sandbox',
    description:
      'Tutti ops: makes a sandbox, several services that run together until they are stopped, from a template of orcaops_list_templates. Passwords are made for it. It does not run yet: start it with orcaops_start_sandbox. To run commands once and keep their output, use orcaops_run_job instead.',
    toolset: 'ops',
    effect: 'write',
    scope: 'ops:write',
    input: {
      template: z.string().min(1).max(60).describe('Id of the template.'),
      name: ownName.describe('Its name, unique over all sandboxes: small letters, digits, dashes, underscores.'),
      directory: z
        .string()
        .transform((text) => text.replace(/^\.\//, ''))
        .pipe(ownName)
        .optional()
        .describe('Name of its directory in the data directory, of the same form; by default its name.'),
      parameters: z
        .record(z.string().max(64), parameterValue)
        .optional()
        .describe('What the template lets you choose, see orcaops_get_template.'),
      ttl_s: z
        .int()
        .min(60)
        .max(31_536_000)
        .optional()
        .describe(
          'Seconds after which it is deleted with all that it holds; by default as long as the operator allows.',
        ),
      idle_s: z
        .int()
        .min(60)
        .max(31_536_000)
        .optional()
        .describe('Seconds without a call for it after which it is stopped; its volumes stay.'),
      wait_s: waitField,
    },
    output: z.looseObject({
      success,
      ...listedFields,
      message: z.string().describe('What became of the call.'),
      job_id: z.string().optional().describe('The job that makes it, for job_status.'),
    }),
    examples: [
      {
        title: 'A place to test an API from',
        input: { template: 'api-testing', name: 'orders-api', parameters: { DATABASE: 'orders' } },
        output: {
          success: true,
          name: 'orders-api',
          template: 'api-testing',
          path: '/var/lib/tutti/ops/sandboxes/orders-api',
          created_at: '2026-11-20T09:30:00.000Z',
          status: 'created',
          engine: 'local',
          expires_at: '2026-11-27T09:30:00.000Z',
          last_used_at: '2026-11-20T09:30:00.000Z',
          idle_s: 3600,
          message: 'Made. Start it with orcaops_start_sandbox.',
          job_id: 'job_01kc5b0v6m8q3t9x2y4z7a1b5c',
        },
      },
    ],
    async run({ wait_s: _, ...input }, context) {
      const { sandbox, jobId } = await addSandbox(input, context, needs);
      return {
        success: true as const,
        ...(await showListed(sandbox, false, needs)),
        message: 'It is being made. See orcaops_get_sandbox.',
        job_id: jobId,
      };
    },
    async settle(answer, { wait_s }, context) {
      const before = await findSandboxByName(context.db, String(answer.name));
      const made = await waitForWork(String(answer.job_id), 'create', wait_s, needs, context);
      const sandbox = before && (await findSandbox(context.db, before.id));
      if (!sandbox || !made) return answer;
      return {
        ...answer,
        ...(await showListed(sandbox, false, needs)),
        message: 'Made. Start it with orcaops_start_sandbox.',
      };
    },
  });
