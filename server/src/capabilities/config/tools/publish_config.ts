import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { tool } from '../../../core/tool.ts';
import { requireFor } from '../bound.ts';
import { artifactSchema, reportSchema } from '../contract.ts';
import { lockDraft } from '../drafts/store.ts';
import { approvalRequired, noDraft } from '../errors.ts';
import { clientId, draftFields, draftId, payloadField, policySet, profileName } from '../fields.ts';
import { holdProfile } from '../profiles/store.ts';
import type { Issuing } from '../releases/issue.ts';
import { makeBody, requireProfile } from '../releases/make-body.ts';
import { keepDraft, type Missing, publishDraft, requireProfilePolicy } from '../releases/publish.ts';
import { shownReport } from '../releases/report.ts';
import { showConfig } from '../releases/show.ts';
import { artifactOf } from '../releases/store.ts';

export const publishConfig = (issuing: Issuing) =>
  tool({
    name: 'publish_config',
    title: 'Publish a configuration',
    description:
      'Tutti config: checks a draft, signs what comes out and makes it current for a client family and profile. Give the draft itself, or the draft_id of one that was approved. Where the profile asks for approvals the draft is kept and APPROVAL_REQUIRED says what is missing. To look first use validate_draft; to go back revert_config.',
    toolset: 'config',
    effect: 'write',
    scope: 'config:publish',
    common: true,
    input: {
      client_id: clientId.optional(),
      profile: profileName.optional(),
      draft_payload: payloadField.optional(),
      policy_set_id: policySet.optional(),
      draft_id: draftId.optional().describe('Id of a draft that was kept, in place of all other fields.'),
      ...draftFields,
    },
    output: artifactSchema.extend({
      draft_id: z.string().describe('Id of the draft that was released.'),
      release_id: z.string().describe('Id of the release.'),
      report: reportSchema.describe('What was found on the way.'),
    }),
    async run({ draft_id, ...given }, { db, principal }) {
      if (draft_id !== undefined && Object.values(given).some((value) => value !== undefined)) throw twoDrafts();
      const { client_id, profile: name, draft_payload } = given;
      let draft = draft_id === undefined ? undefined : await lockDraft(db, draft_id);
      if (draft_id !== undefined && !draft) throw noDraft(draft_id);
      if (!draft) {
        if (client_id === undefined || name === undefined || draft_payload === undefined) throw noFields();
        const made = await makeBody(db, { ...given, client_id, profile: name, draft_payload }, principal);
        requireProfilePolicy(made.profile, made.body);
        draft = await keepDraft(db, made.body);
      }
      requireFor(principal, 'config:publish', draft);
      // What it asks for stays as it is until the release is there.
      await holdProfile(db, draft.client_id, draft.profile);
      const profile = await requireProfile(db, draft.client_id, draft.profile);
      const done = await publishDraft(db, issuing, { draft, profile, principal });
      // The draft is kept, so the error comes once that is committed.
      if ('missing' in done) return { draft_id: draft.draft_id, missing: done.missing } as never;
      const { release, report } = done;
      const shown = await showConfig(db, issuing.keys, { release, artifact: await artifactOf(db, release) });
      return { draft_id: draft.draft_id, release_id: release.release_id, ...shown, report: shownReport(report) };
    },
    async settle(answer) {
      if ('missing' in answer) throw approvalRequired(answer.missing as Missing);
      return answer;
    },
  });

function twoDrafts(): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    'A draft that was kept is published as it is.',
    'Give draft_id alone, or leave it out and give the draft itself.',
  );
}

function noFields(): AppError {
  return new AppError(
    'VALIDATION_FAILED',
    'There is nothing to publish.',
    'Give client_id, profile and draft_payload, or the draft_id of a draft that was kept.',
  );
}
