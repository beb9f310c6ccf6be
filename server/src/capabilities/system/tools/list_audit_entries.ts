import { z } from 'zod';
import type { Entry } from '../../../core/audit/entry.ts';
import { listEntries } from '../../../core/audit/store.ts';
import { isUnlimited, type Principal } from '../../../core/auth/principal.ts';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import type { Slice } from '../../../core/slice.ts';
import { tool } from '../../../core/tool.ts';

const time = z.iso.datetime({ offset: true }).optional();

const entrySchema = z.looseObject({
  id: z.string().describe('Id of the entry.'),
  time: z.string().describe('When it was written down.'),
  principal_id: z.string().nullable().describe('Id of who called; null for somebody without a valid token.'),
  principal_name: z.string().describe('Name of who called.'),
  tool: z.string().describe('The tool that was called.'),
  effect: z.string().describe('What the tool does: read, write or destroy.'),
  outcome: z.string().describe('ok, or the code of the error.'),
  subject: z.string().nullable().describe('Id of what the call was about.'),
  input_hmac: z.string().nullable().describe('Keyed hash of the input: the same input gives the same hash.'),
  detail: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe('More about a denial or a repeated call, or what the caller said of it.'),
  seq: z.number().nullable().describe('Place in the sealed chain; null until it is sealed, about a second later.'),
});

export const listAuditEntries = (cursors: Cursors, slices: readonly Slice[]) =>
  tool({
    name: 'list_audit_entries',
    title: 'List audit entries',
    description:
      'Tutti: lists who changed what, and what was denied, newest first. You see your own entries, and those of all callers of the tools that you audit (config:audit: those of configurations); administrators see all. Inputs are not kept, only their keyed hash. For the jobs that calls started, use list_jobs.',
    toolset: 'system',
    effect: 'read',
    scope: 'system:read',
    input: {
      principal: z.string().max(200).optional().describe('Only entries of the principal of this name or id.'),
      tool: z.string().max(100).optional().describe('Only calls of this tool.'),
      outcome: z.string().max(100).optional().describe('Only calls that ended so: ok, or an error code.'),
      subject: z
        .string()
        .max(100)
        .optional()
        .describe('Only calls about the thing of this id, such as a dataset or job.'),
      since: time.describe('Only entries from this time on, ISO 8601.'),
      until: time.describe('Only entries before this time, ISO 8601.'),
      ...pageFields,
    },
    output: z.looseObject({
      items: z.array(entrySchema).describe('The entries.'),
      next_page: nextPageField,
    }),
    async run({ page, page_size, ...filter }, { db, principal }) {
      const rows = await listEntries(db, {
        ...filter,
        since: filter.since === undefined ? undefined : new Date(filter.since),
        until: filter.until === undefined ? undefined : new Date(filter.until),
        owner: principal.admin ? undefined : principal.id,
        audited: auditedBy(principal, slices),
        before: cursors.decode('list_audit_entries', filter, page),
        limit: page_size + 1,
      });
      return pageOf(rows, page_size, toItem, (row) => cursors.encode('list_audit_entries', filter, row.id));
    },
  });

/** The tools that a principal audits, by the names that they have and had. */
function auditedBy(principal: Principal, slices: readonly Slice[]): string[] {
  return slices
    .filter(({ auditScope }) => auditScope !== undefined && isUnlimited(principal, auditScope))
    .flatMap(({ tools }) => tools.flatMap(({ name, aliases }) => [name, ...aliases]));
}

/** An entry as callers see it: without what only the chain needs. */
function toItem({ hash: _hash, xid: _xid, ...item }: Entry) {
  return item;
}
