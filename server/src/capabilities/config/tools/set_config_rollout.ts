import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { changelogText } from '../fields.ts';
import type { Issuing } from '../releases/issue.ts';
import { rollOn, rolloutActions } from '../releases/roll.ts';

export const setConfigRollout = (issuing: Issuing) =>
  tool({
    name: 'set_config_rollout',
    title: 'Change a rollout',
    description:
      'Tutti config: goes on with a rollout that publish_config began with rollout_percentage: sets its part of the clients, pauses or resumes it, promotes it to all, or aborts it. Clients belong to it by a hash of the random id that they keep. To go back afterwards use revert_config.',
    toolset: 'config',
    effect: 'write',
    scope: 'config:publish',
    input: {
      rollout_id: z.string().max(100).describe('Id of the rollout: the cohort of its release.'),
      action: z.enum(rolloutActions).describe('set, pause, resume, promote or abort.'),
      percentage: z.int().min(1).max(99).optional().describe('To set or resume: its part of the clients, 1 to 99.'),
      changelog: changelogText.optional().describe('What to tell; by default what was told.'),
    },
    output: z.looseObject({
      rollout_id: z.string().describe('Id of the rollout.'),
      client_id: z.string().describe('The client family.'),
      profile: z.string().describe('The profile.'),
      artifact_id: z.string().describe('What its clients get.'),
      percentage: z.number().describe('Its part of the clients.'),
      state: z.string().describe('active, paused, promoted or aborted.'),
    }),
    async run({ rollout_id, ...change }, { db, principal }) {
      const rollout = await rollOn(db, issuing, rollout_id, change, principal);
      const { client_id, profile, artifact_id, percentage, state } = rollout;
      return { rollout_id, client_id, profile, artifact_id, percentage, state };
    },
  });
