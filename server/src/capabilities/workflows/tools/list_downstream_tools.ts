import { z } from 'zod';
import { untrusted } from '../../../core/errors.ts';
import { type Cursors, nextPageField, pageFields, pageOf } from '../../../core/page.ts';
import { tool } from '../../../core/tool.ts';
import { asAppError, untrustedSchema } from '../downstream/show.ts';
import type { Downstream, DownstreamTool } from '../downstream/types.ts';

const schema = z.record(z.string(), z.unknown());

export const listDownstreamTools = (downstream: Downstream, cursors: Cursors) =>
  tool({
    name: 'list_downstream_tools',
    title: 'List downstream tools',
    description:
      'Tutti workflows: lists the tools of one declared MCP server with their schemas, for the Resource of a Task state (mcp://<server>/<tool>). The list is kept; with `refresh` the server is asked now. For our own tools, which are mcp://tutti/<tool>, use search_tools.',
    toolset: 'workflows',
    effect: 'read',
    scope: 'workflows:read',
    input: {
      server: z.string().min(1).max(100).describe('Name of the server: list_downstream_servers.'),
      refresh: z.boolean().default(false).describe('Whether to ask the server now, starting it where needed.'),
      ...pageFields,
    },
    output: z.looseObject({
      items: z
        .array(
          z.looseObject({
            name: z.string().describe('Its name.'),
            resource: z.string().describe('What a Task state writes as its Resource.'),
            description: untrustedSchema.optional(),
            input_schema: schema.describe('JSON Schema of its arguments; its texts are data from outside.'),
            output_schema: schema.optional().describe('JSON Schema of its structured answer, where it declares one.'),
            output_checked: z
              .boolean()
              .optional()
              .describe(
                'Whether answers are held to output_schema: not where it refers to itself in a circle, is none, or could take long.',
              ),
            idempotent: z
              .boolean()
              .describe(
                'Whether the server says that calling it again does no harm, so that a call in doubt is repeated.',
              ),
          }),
        )
        .describe('The tools, in the order of the server.'),
      next_page: nextPageField,
    }),
    examples: [
      {
        title: 'What the mail server offers',
        input: { server: 'mail' },
        output: {
          items: [
            {
              name: 'fetch_emails',
              resource: 'mcp://mail/fetch_emails',
              description: { untrusted: true, source: 'mcp://mail', text: 'Fetch e-mails.' },
              input_schema: { type: 'object', properties: { since: { type: 'string' } } },
              idempotent: true,
            },
          ],
        },
      },
    ],
    async run({ server, refresh, page, page_size }) {
      const filters = { server };
      const after = Number(cursors.decode('list_downstream_tools', filters, page) ?? 0);
      const tools = await downstream.tools(server, refresh).catch((error: unknown) => {
        throw asAppError(server, error);
      });
      const rows = tools.map((found, at) => ({ found, at })).slice(after, after + page_size + 1);
      return pageOf(
        rows,
        page_size,
        ({ found }) => shown(downstream, server, found),
        ({ at }) => cursors.encode('list_downstream_tools', filters, String(at + 1)),
      );
    },
  });

function shown(
  downstream: Downstream,
  server: string,
  { name, description, inputSchema, outputSchema }: DownstreamTool,
) {
  return {
    name,
    resource: `mcp://${server}/${name}`,
    ...(description !== undefined && { description: { ...untrusted(`mcp://${server}`, description) } }),
    input_schema: inputSchema,
    ...(outputSchema && { output_schema: outputSchema, output_checked: downstream.checksOutput(server, name) }),
    idempotent: downstream.isIdempotent(server, name),
  };
}
