import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { cleanUp } from '../containers/cleanup.ts';
import type { ContainerNeeds } from '../containers/seen.ts';
import { success } from '../contract.ts';

export const cleanupContainers = (needs: ContainerNeeds) =>
  tool({
    name: 'orcaops_cleanup_containers',
    title: 'Remove containers that nobody needs',
    description:
      'Tutti ops: removes at once the containers that this server made and that nobody needs: of jobs that have ended, and, for an administrator, those whose time is over and that no database knows. The server does the same by itself. What runs for a job or a sandbox stays, and so does whatever somebody else made. See with dry_run first which.',
    toolset: 'ops',
    effect: 'destroy',
    scope: 'ops:destroy',
    input: { dry_run: z.boolean().default(false).describe('Only say which would be removed.') },
    output: z.looseObject({
      success,
      stopped: z.array(z.string()).describe('Names of those that ran until then.'),
      removed: z.array(z.string()).describe('Names of all that were removed; with dry_run, would be.'),
      left: z
        .array(z.string())
        .describe(
          'Names of those on engines that this server does not reach: the process beside each removes them soon.',
        ),
      errors: z
        .array(
          z.looseObject({
            name: z.string().describe('Name of the container.'),
            message: z.unknown().describe('What the engine says: text from outside.'),
          }),
        )
        .describe('Those that could not be removed.'),
      message: z.string().describe('What became of the call.'),
    }),
    examples: [
      {
        title: 'What would go',
        input: { dry_run: true },
        output: {
          success: true,
          stopped: [],
          removed: ['tutti-01kc5b0v6m8q3t9x2y4z7a1b5c'],
          left: [],
          errors: [],
          message: 'Would remove 1 container.',
        },
      },
    ],
    async run({ dry_run }, { db, principal }) {
      const done = await cleanUp(db, principal, needs, dry_run);
      const count = done.removed.length;
      const what = `${count} ${count === 1 ? 'container' : 'containers'}`;
      const left = done.left.length > 0 ? ` ${done.left.length} on other engines are left to the processes there.` : '';
      return { success: true as const, ...done, message: `${dry_run ? 'Would remove' : 'Removed'} ${what}.${left}` };
    },
    async settle(answer) {
      needs.janitor.wake();
      return answer;
    },
  });
