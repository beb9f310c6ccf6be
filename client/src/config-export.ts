import { callTool } from './client.ts';
import { writeExport } from './config-files.ts';
import { type ConnectionFlags, findServer, requireToken } from './connection.ts';
import { TuttiError } from './error.ts';
import type { Environment } from './settings.ts';
import type { Terminal } from './terminal.ts';
import { notAuthentic } from './verify/refusal.ts';
import { contentId } from './verify/signature.ts';

export interface ExportFlags extends ConnectionFlags {
  readonly client?: string;
  readonly profile?: string;
}

interface Page {
  readonly index_id: string;
  readonly files: readonly { readonly path: string; readonly text: string; readonly sha256: string }[];
  readonly next_page?: string;
}

const attempts = 3;

/** `tutti config export <folder>`: writes what is current into a folder that any server for files serves. */
export async function exportConfigs(
  folder: string,
  flags: ExportFlags,
  environment: Environment,
  terminal: Terminal,
): Promise<number> {
  const server = findServer(flags, environment);
  const { client: client_id, profile } = flags;
  const wanted = { ...(client_id !== undefined && { client_id }), ...(profile !== undefined && { profile }) };
  const { files, index_id } = await readAll({ url: server.url, token: requireToken(server) }, wanted);
  await writeExport(folder, files);
  terminal.out(`${folder} holds ${files.length} files. Its index is ${index_id}.\n`);
  terminal.note('It comes with its public keys. Hand those out over another way: tutti call list_signing_keys\n');
  return 0;
}

/** All pages of one moment; begins again when something was released meanwhile. */
async function readAll(
  server: { readonly url: string; readonly token: string },
  wanted: object,
  attempt = 1,
): Promise<Pick<Page, 'files' | 'index_id'>> {
  const files: Page['files'][number][] = [];
  let page: string | undefined;
  try {
    for (;;) {
      const input = page === undefined ? wanted : { ...wanted, page };
      const answer = (await callTool(server, 'export_config', input)) as Page;
      files.push(...answer.files);
      page = answer.next_page;
      if (page !== undefined) continue;
      const whole = files.every(({ text, sha256 }) => contentId(Buffer.from(text)) === sha256);
      if (!whole) throw notAuthentic('tampered', 'a file is not the one that was exported');
      return { files, index_id: answer.index_id };
    }
  } catch (error) {
    const changed = error instanceof TuttiError && error.code === 'CONFLICT' && attempt < attempts;
    if (changed) return readAll(server, wanted, attempt + 1);
    throw error;
  }
}
