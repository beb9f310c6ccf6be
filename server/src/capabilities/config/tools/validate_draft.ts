import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { reportSchema } from '../contract.ts';
import { clientId, payloadField, policySet, profileName, semanticVersion } from '../fields.ts';
import type { Figures } from '../figures.ts';
import { checkDraft } from '../releases/check-draft.ts';
import { makeBody } from '../releases/make-body.ts';
import { shownReport } from '../releases/report.ts';

export const validateDraft = (figures: Figures) =>
  tool({
    name: 'validate_draft',
    title: 'Validate a draft',
    description:
      'Tutti config: says what publishing a draft would find (schema, policy, secrets, the rules of the client, what it cannot be told) and what the client would read, and keeps nothing. To try another policy set name it. To release use publish_config.',
    toolset: 'config',
    effect: 'read',
    scope: 'config:publish',
    input: {
      client_id: clientId,
      profile: profileName,
      draft_payload: payloadField,
      policy_set_id: policySet.optional(),
      schema_version: semanticVersion
        .optional()
        .describe('Version of the schema of the family; by default its newest.'),
    },
    output: z.looseObject({
      valid: z.boolean().describe('Whether it may be released.'),
      report: reportSchema.describe('What was found.'),
      text: z.string().optional().describe('What the client would read; absent when the draft is not valid.'),
      format: z.string().optional().describe('Format of the text.'),
      payload: z.unknown().optional().describe('The same as the client parses it.'),
    }),
    async run(input, { db, principal }) {
      const { body, profile } = await makeBody(db, input, principal);
      const { report, made } = await checkDraft(db, { body, profile, now: new Date() });
      figures.validated(report.valid);
      const { text, format, payload } = made?.rendered ?? {};
      return { valid: report.valid, report: shownReport(report), ...(made && { text, format, payload }) };
    },
  });
