import { z } from 'zod';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { boundsOf } from '../bound.ts';
import { clientId, profileName, semanticVersion, time } from '../fields.ts';
import { listedReleaseSchema, showListed } from '../releases/show-release.ts';
import { type ListedRelease, listReleases } from '../releases/store.ts';

const list = 'get_audit';

const approval = z.looseObject({
  principal_id: z.string().describe('Who approved.'),
  principal_name: z.string().describe('The name of who approved.'),
  approved_at: z.string().describe('When.'),
  draft_hash: z.string().describe('The draft that was approved.'),
  policy_set_id: z.string().describe('The policy set that ran on it.'),
  payload_hash: z.string().describe('What came out.'),
});

export const getAudit = (cursors: Cursors) =>
  tool({
    name: list,
    title: 'Audit releases',
    description:
      'Tutti config: the record of each release, newest first: who drafted, approved, released and signed what, under which policy set. Records never change. For the calls of all tools use list_audit_entries.',
    toolset: 'config',
    effect: 'read',
    scope: 'config:audit',
    input: {
      client_id: clientId.optional(),
      profile: profileName.optional(),
      version: semanticVersion.optional().describe('Only releases of artifacts of this version.'),
      principal: z
        .string()
        .max(200)
        .optional()
        .describe('Only what this principal (id or name) drafted, approved or released.'),
      since: time.describe('Only releases from this time on, ISO 8601.'),
      until: time.describe('Only releases before this time, ISO 8601.'),
      ...pageFields,
    },
    output: z.looseObject({
      items: z
        .array(
          listedReleaseSchema.extend({
            approvals: z.array(approval).describe('Who approved it, each bound to exactly what was released.'),
            signer_key_id: z.string().describe('The key that signed the statement first.'),
            statement_id: z.string().describe('Hash of the canonical statement.'),
            payload_hash: z.string().describe('Hash of the canonical payload.'),
            released_by_name: z.string().describe('The name of who released it.'),
            publisher_name: z.string().optional().describe('The name of who drafted it.'),
            draft_id: z.string().optional().describe('The draft that it was.'),
            audit_log_uri: z
              .string()
              .describe('Its entries in the sealed audit trail: give `subject` to list_audit_entries.'),
          }),
        )
        .describe('The records.'),
      next_page: nextPageField,
    }),
    async run({ page, page_size, ...filter }, { db, principal }) {
      const { since, until, ...rest } = filter;
      const rows = await listReleases(db, {
        ...rest,
        since: since === undefined ? undefined : new Date(since),
        until: until === undefined ? undefined : new Date(until),
        before: cursors.decode(list, filter, page),
        bounds: boundsOf(principal, 'config:audit'),
        limit: page_size + 1,
      });
      return pageOf(rows, page_size, toRecord, (row) => cursors.encode(list, filter, row.release_id));
    },
  });

function toRecord(row: ListedRelease) {
  const { approvals, signer_key_id, statement_id, payload_hash, draft_id, audit_subject } = row;
  const { released_by_name, publisher_name } = row;
  return {
    ...showListed(row),
    approvals: approvals.map((one) => ({ ...one })),
    signer_key_id,
    statement_id,
    payload_hash,
    released_by_name,
    ...(publisher_name !== null && { publisher_name }),
    ...(draft_id !== null && { draft_id }),
    audit_log_uri: `/tools/list_audit_entries?subject=${audit_subject}`,
  };
}
