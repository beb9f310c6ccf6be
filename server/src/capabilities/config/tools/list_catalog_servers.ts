import { z } from 'zod';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { listCatalogRows } from '../catalog/store.ts';

const list = 'list_catalog_servers';

export const listCatalogServers = (cursors: Cursors) =>
  tool({
    name: list,
    title: 'List the catalogue',
    description:
      'Tutti config: lists the MCP servers of the catalogue by name and version, which drafts of configurations take by {"ref": "<name>@<version>"}. The servers that workflows call are others: list_downstream_servers.',
    toolset: 'config',
    effect: 'read',
    scope: 'config:read',
    input: pageFields,
    output: z.looseObject({
      items: z
        .array(
          z.looseObject({
            ref: z.string().describe('How drafts name it, name@version.'),
            server: z.record(z.string(), z.unknown()).describe('The server in the neutral form.'),
            inputs: z.array(z.record(z.string(), z.unknown())).describe('The inputs that it needs.'),
            imported: z.boolean().describe('Whether it came from a registry.'),
            put_by: z.string().describe('Who put it.'),
            created_at: z.string().describe('When.'),
          }),
        )
        .describe('The servers.'),
      next_page: nextPageField,
    }),
    async run({ page, page_size }, { db }) {
      const position = cursors.decode(list, null, page);
      const after = position === undefined ? undefined : (JSON.parse(position) as [string, string]);
      const rows = await listCatalogRows(db, { after, limit: page_size + 1 });
      return pageOf(
        rows,
        page_size,
        ({ name, version, server, inputs, imported, put_by, created_at }) => ({
          ref: `${name}@${version}`,
          server: { ...server },
          inputs: inputs.map((input) => ({ ...input })),
          imported,
          put_by,
          created_at: created_at.toISOString(),
        }),
        ({ name, version }) => cursors.encode(list, null, JSON.stringify([name, version])),
      );
    },
  });
