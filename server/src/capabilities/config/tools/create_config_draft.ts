import { tool } from '../../../core/tool.ts';
import { reportSchema } from '../contract.ts';
import { draftSchema, showDraft } from '../drafts/show.ts';
import { clientId, draftFields, payloadField, policySet, profileName } from '../fields.ts';
import type { Figures } from '../figures.ts';
import { checkDraft } from '../releases/check-draft.ts';
import { makeBody } from '../releases/make-body.ts';
import { keepDraft, requireProfilePolicy } from '../releases/publish.ts';
import { requireValid, shownReport } from '../releases/report.ts';

export const createConfigDraft = (figures: Figures) =>
  tool({
    name: 'create_config_draft',
    title: 'Keep a draft',
    description:
      'Tutti config: keeps a valid draft for others to approve. It never changes: for another one make another draft. To keep nothing use validate_draft; to release at once publish_config.',
    toolset: 'config',
    effect: 'write',
    scope: 'config:publish',
    input: {
      client_id: clientId,
      profile: profileName,
      draft_payload: payloadField,
      policy_set_id: policySet.optional(),
      ...draftFields,
    },
    output: draftSchema.extend({ report: reportSchema.describe('What was found.') }),
    async run(input, { db, principal }) {
      const { body, profile } = await makeBody(db, input, principal);
      requireProfilePolicy(profile, body);
      const { report } = await checkDraft(db, { body, profile, now: new Date() });
      figures.validated(report.valid);
      requireValid(report);
      return { ...showDraft(await keepDraft(db, body)), report: shownReport(report) };
    },
  });
