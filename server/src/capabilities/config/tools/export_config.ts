import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { type Cursors, nextPageField } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { boundsOf, reaches } from '../bound.ts';
import { toldChanges } from '../export/changes.ts';
import { listExported } from '../export/exported.ts';
import { type ExportFile, exportFiles } from '../export/files.ts';
import { clientId, profileName } from '../fields.ts';
import type { SigningKeys } from '../releases/signing-keys.ts';
import { listReleases, type ReleaseRow } from '../releases/store.ts';

const list = 'export_config';
/** Bytes of files in an answer; one file may be larger. */
const pageBytes = 2 ** 22;

export const exportConfig = (keys: SigningKeys, tenant: string, cursors: Cursors) =>
  tool({
    name: list,
    title: 'Export configurations',
    description:
      'Tutti config: the files of an export of what is current: artifacts, statements, schemas, public keys, a file of changes, instructions, and a signed index of all. Any server for files serves them, and they verify offline with openssl or `tutti config verify`. `tutti config export <folder>` writes them. For one configuration use get_config.',
    toolset: 'config',
    effect: 'read',
    scope: 'config:read',
    input: {
      client_id: clientId.optional(),
      profile: profileName.optional(),
      page: z.string().min(1).max(2000).optional().describe('The next_page of the answer before; begin without it.'),
    },
    output: z.looseObject({
      index_id: z.string().describe('sha256: and the hash of index.json: the same for the same releases and keys.'),
      files: z
        .array(
          z.looseObject({
            path: z.string().describe('Where it lies in the folder.'),
            text: z.string().describe('Its bytes, as UTF-8.'),
            sha256: z.string().describe('sha256: and their hash.'),
          }),
        )
        .describe('The files, the index last.'),
      next_page: nextPageField,
    }),
    async run({ page, ...filter }, { db, principal }) {
      const reached = reaches(principal, 'config:read');
      const wanted = (row: Pick<ReleaseRow, 'client_id' | 'profile'>) =>
        (filter.client_id ?? row.client_id) === row.client_id &&
        (filter.profile ?? row.profile) === row.profile &&
        reached(row);
      const trusted = keys.trusted();
      const bounds = boundsOf(principal, 'config:read');
      const changes = await listReleases(db, { ...filter, bounds, told: true, limit: toldChanges });
      const { files, index_id } = await exportFiles(db, {
        tenant,
        releases: await listExported(
          db,
          trusted.map(({ key_id }) => key_id),
          wanted,
        ),
        changes,
        signing: keys.current(),
        trusted,
      });
      const [of = index_id, at = '0'] = cursors.decode(list, filter, page)?.split('/') ?? [];
      if (of !== index_id) throw changedMeanwhile();
      const from = Number(at);
      const to = endOfPage(files, from);
      return {
        index_id,
        files: files.slice(from, to).map((file) => ({ ...file })),
        ...(to < files.length && { next_page: cursors.encode(list, filter, `${index_id}/${to}`) }),
      };
    },
  });

function endOfPage(files: readonly ExportFile[], from: number): number {
  let bytes = 0;
  let to = from;
  while (to < files.length && (to === from || bytes + (files[to]?.text.length ?? 0) <= pageBytes)) {
    bytes += files[to]?.text.length ?? 0;
    to += 1;
  }
  return to;
}

function changedMeanwhile(): AppError {
  return new AppError(
    'CONFLICT',
    'Something was released while this export was read.',
    'Begin again without `page`: an export is of one moment.',
  );
}
