import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { requireFor } from '../bound.ts';
import { artifactSchema } from '../contract.ts';
import { changelogText, clientId, contentHash, profileName } from '../fields.ts';
import { holdProfile } from '../profiles/store.ts';
import type { Issuing } from '../releases/issue.ts';
import { requireProfile } from '../releases/make-body.ts';
import { revertTo } from '../releases/revert.ts';
import { showConfig } from '../releases/show.ts';
import { artifactOf } from '../releases/store.ts';
import { requireOpenWords } from '../secrets/changelog.ts';

export const revertConfig = (issuing: Issuing) =>
  tool({
    name: 'revert_config',
    title: 'Go back to a configuration',
    description:
      'Tutti config: makes an artifact current again that was so before, at once and for all clients, by a new, higher statement; a rollout under way ends. list_config_releases shows what there was. For something new use publish_config.',
    toolset: 'config',
    effect: 'write',
    scope: 'config:publish',
    input: {
      client_id: clientId,
      profile: profileName,
      artifact_id: contentHash.describe('The artifact to go back to.'),
      changelog: changelogText,
    },
    output: artifactSchema.extend({ release_id: z.string().describe('Id of the release.') }),
    async run({ client_id, profile: name, artifact_id, changelog }, { db, principal }) {
      requireFor(principal, 'config:publish', { client_id, profile: name });
      requireOpenWords(changelog);
      await holdProfile(db, client_id, name);
      const profile = await requireProfile(db, client_id, name);
      const release = await revertTo(db, issuing, { profile, artifactId: artifact_id, changelog }, principal);
      const shown = await showConfig(db, issuing.keys, { release, artifact: await artifactOf(db, release) });
      return { release_id: release.release_id, ...shown };
    },
  });
